#pragma once

#include <mutex>
#include <optional>
#include <string>

#include <agent/fleet/connection.hpp>

namespace agent::cli {

/// Runs of this user whose controller died: what hosts kept of them comes into the history with the next run that meets
/// the host. For any thread.
class CollectedRuns {
 public:
  /// The key of such a run; nothing for one that is still led, or is none of this user's.
  std::optional<std::string> key_of(const std::string& run);
  /// Puts it into the history. Returns what to tell of it. Throws Error.
  std::string keep(const fleet::CollectedRun& collected);

 private:
  std::mutex mutex_;
};

}  // namespace agent::cli
