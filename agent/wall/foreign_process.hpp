#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>
#include <sys/types.h>

#include <agent/host/fd.hpp>

namespace agent::wall {

/// Another process, looked at while it waits in a system call.
class ForeignProcess {
 public:
  explicit ForeignProcess(pid_t pid) : pid_(pid), root_("/proc/" + std::to_string(pid)) {}

  /// The text, or the bytes, at an address of its memory; nothing where they cannot be read.
  std::optional<std::string> text_at(std::uint64_t address) const;
  std::optional<std::string> bytes_at(std::uint64_t address, std::size_t count) const;

  /// What a path of its leads to, links followed unless told; `directory` is the descriptor it is relative to.
  struct Target {
    std::string path;  ///< as a person would write it; where nothing is there, as it was named
    bool there = false;
    struct stat info {};
    Fd handle;                  ///< of what is there (O_PATH)
    bool in_directory = false;  ///< there is a directory that it is in, or would be
  };
  Target target(const std::string& path, int directory, bool follow) const;
  /// What a descriptor of its leads to.
  Target target(int descriptor) const;
  /// The descriptor was opened for reading only.
  bool only_reads(int descriptor) const;
  /// It runs the same program as we do.
  bool is_our_program() const;

 private:
  std::string own_path(const std::string& path, int directory) const;
  pid_t pid_;
  std::string root_;
};

}  // namespace agent::wall
