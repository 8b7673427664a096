#pragma once

#include <optional>
#include <string>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// That one run at a time works on a machine (reliability R5). The kernel gives it back however its holder ends; what
/// stands in its file is for people only.
class RunLock {
 public:
  /// The lock of all runs whose agents are kept in the same folder: root's, or those of one user.
  static Path beside(const Path& executable);

  /// Throws Error when the file cannot be had.
  explicit RunLock(const Path& file);
  /// Takes it, and writes down who has it. Nothing when that worked; else who has it, in the holder's words.
  std::optional<std::string> take(const std::string& who);

 private:
  Fd file_;
};

}  // namespace agent::fleet
