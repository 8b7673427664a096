#pragma once

#include <map>
#include <optional>
#include <string>

#include <agent/sdk/host.hpp>

namespace agent {

/// The users and groups of the machine, each looked up once while /etc/passwd and /etc/group stay as they are: every
/// file task asks for the names of an owner and a group, and the C library reads both files for each answer. Only what
/// was found is kept.
class KnownUsers {
 public:
  std::optional<User> user(const std::string& name_or_uid) const;
  std::optional<Group> group(const std::string& name_or_gid) const;
  /// Looks again from now on: something was done that may have changed them, wherever they are kept.
  void forget() const;

 private:
  void look_at_files() const;

  mutable std::map<std::string, User> users_;
  mutable std::map<std::string, Group> groups_;
  mutable std::string stamp_;
};

}  // namespace agent
