#pragma once

#include <cstdint>
#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::cli {

/// Which signed agent was the newest so far, for each key: so that an old one, rightly signed and with the faults of
/// its time, cannot be put in the place of a newer one.
class SeenAgents {
 public:
  /// `file` holds what is remembered; its folder is made when there is something.
  explicit SeenAgents(Path file) : file_(std::move(file)) {}
  /// Beside this user's history. Throws Error where that has no place.
  static SeenAgents of_this_user();

  /// Remembers the number that `key` has signed. Throws Error when a larger one of that key was seen before, unless
  /// `allow_older`, and when it cannot be remembered. Two controllers at once wait for each other.
  void admit(const std::string& key, std::int64_t number, bool allow_older) const;

 private:
  Path file_;
};

}  // namespace agent::cli
