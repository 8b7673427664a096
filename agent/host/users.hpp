#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <agent/sdk/host.hpp>

namespace agent {

/// The user of that name, or else of that number; nothing when there is none.
std::optional<User> find_user(const std::string& name_or_uid);
/// The user of that number. Asks no directory service for a name that looks like one, as find_user has to.
std::optional<User> user_of(uid_t uid);
/// The group of that name, or else of that number.
std::optional<Group> find_group(const std::string& name_or_gid);
/// The user that this process acts as, known to the user database or not.
User current_user();
/// All groups of a user, its own first.
std::vector<gid_t> group_ids(const User& user);

/// The number that an `owner` or `group` argument means. Throws Error when there is no such user or group.
std::uint32_t uid_of(const std::string& owner);
std::uint32_t gid_of(const std::string& group);

}  // namespace agent
