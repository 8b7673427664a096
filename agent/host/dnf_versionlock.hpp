#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/plan.hpp>

namespace agent {

/// The locks that the versionlock plugin keeps below `root`: the list of dnf 4, or the TOML file of dnf 5.
class DnfVersionLock {
 public:
  explicit DnfVersionLock(const Path& root);
  /// Whether one of them is for this package. (A lock for another version than the installed one counts in dnf 5 only,
  /// which keeps locks by name.)
  bool holds(const Package& package) const;

 private:
  void read_list(std::string_view text);
  void read_toml(std::string_view text);

  Strings patterns_, names_;
};

}  // namespace agent
