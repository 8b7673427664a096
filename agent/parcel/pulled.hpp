#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::parcel {

/// What is remembered of an address between two pulls, in a folder of its own.
struct Memory {
  std::string url, tag, sha256;
  std::int64_t number = 0;              ///< of the file that ran here last
  std::optional<std::int64_t> ended{};  ///< the exit code of the last run; nothing: it did not end
};

/// The folder of one address below `state` (agent's own, for one user alone), and the lock on it.
class Pulled {
 public:
  /// Makes the folder. Throws Error when it cannot be had, or belongs to somebody else.
  Pulled(const Path& state, const std::string& url);

  /// False: another pull of this address is under way.
  bool take();
  const Path& folder() const { return folder_; }
  /// The file that was accepted last.
  Path file() const { return folder_ / "play.bundle"; }
  /// Nothing remembered: a memory without a tag, number 0. Throws Error for a memory that cannot be read: it is what
  /// keeps an older file from being run.
  Memory memory() const;
  /// Replaces it as a whole, and has it on the disk when it returns. Throws Error.
  void remember(const Memory& memory) const;

 private:
  std::string url_;
  Path folder_;
  Fd lock_;
};

}  // namespace agent::parcel
