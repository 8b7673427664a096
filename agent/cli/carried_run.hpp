#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <agent/parcel/file.hpp>

namespace agent::cli {

/// What `agent exec FILE` and `agent pull URL` take for the run itself.
struct CarriedOptions {
  std::string host, public_key, become_password_file, wall = "full";
  Strings formats, outputs;
  bool check = false, diff = false, ask_become_password = false;
  std::size_t diff_lines = 400;
  int verbosity = 0, wait = 60;
  std::optional<bool> history;

  void add_to(CLI::App& command);
};

/// Does the plays of a parcel on this machine, alone; returns the exit code that `agent run`, or `agent check`, would.
/// Throws Error where they are not for this machine, or not for this agent; then nothing was started.
int run_carried(const parcel::Parcel& parcel, const CarriedOptions& options);

}  // namespace agent::cli
