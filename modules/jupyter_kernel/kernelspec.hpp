#pragma once

#include <optional>
#include <string>

#include <agent/sdk/host.hpp>

namespace agent::jupyter_kernel {

/// A kernel as its kernel.json says.
struct Kernelspec {
  Path directory;
  Strings argv;
  std::string display_name;
  Environment env;
  bool readable = true;   ///< false: there is a kernel.json, and it is no valid one
  bool dangling = false;  ///< its program does not exist
};

/// The kernel in `directory`; nothing where there is no kernel.json.
std::optional<Kernelspec> read_kernelspec(const Path& directory, const Host& host);

/// The kernel.json that ipykernel would write.
std::string kernelspec_text(const Path& python, const std::string& display_name, const Environment& env);

}  // namespace agent::jupyter_kernel
