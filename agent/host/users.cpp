#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <agent/host/system_failure.hpp>
#include <agent/host/users.hpp>

namespace agent {
namespace {

std::optional<std::uint32_t> number(const std::string& text) {
  if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const unsigned long value = std::stoul(text);
  if (value > 0xFFFFFFFEUL) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

/// Calls one of the reentrant look-ups with a buffer that is large enough; `look` takes what it finds out of the
/// buffer. A user database that does not answer is an Error.
template <class Record, class LookUp>
void look_up(const std::string& what, LookUp look) {
  std::string buffer(1024, '\0');
  for (;;) {
    Record record{};
    Record* found = nullptr;
    const int code = look(&record, buffer.data(), buffer.size(), &found);
    if (code == ERANGE && buffer.size() < (1u << 24)) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (code == EINTR) continue;
    // Several libraries answer one of these for "not found" (getpwnam(3)).
    if (code == 0 || code == ENOENT || code == ESRCH || code == EBADF || code == EPERM) return;
    throw Error("cannot look up the " + what + ": " + reason_of(code));
  }
}

std::string text(const char* value) {
  return value == nullptr ? "" : value;
}

User as_user(const passwd& record) {
  return {text(record.pw_name), record.pw_uid,         record.pw_gid,
          text(record.pw_dir),  text(record.pw_shell), text(record.pw_gecos)};
}

Group as_group(const group& record) {
  Group result{text(record.gr_name), record.gr_gid, {}};
  for (char** member = record.gr_mem; member != nullptr && *member != nullptr; ++member)
    result.members.emplace_back(*member);
  return result;
}

}  // namespace

std::optional<User> find_user(const std::string& name_or_uid) {
  std::optional<User> user;
  look_up<passwd>("user '" + name_or_uid + "'", [&](passwd* record, char* buffer, std::size_t size, passwd** found) {
    const int code = ::getpwnam_r(name_or_uid.c_str(), record, buffer, size, found);
    if (*found != nullptr) user = as_user(**found);
    return code;
  });
  const auto uid = number(name_or_uid);
  return user || !uid ? user : user_of(*uid);
}

std::optional<User> user_of(uid_t uid) {
  std::optional<User> user;
  look_up<passwd>("user " + std::to_string(uid), [&](passwd* record, char* buffer, std::size_t size, passwd** found) {
    const int code = ::getpwuid_r(uid, record, buffer, size, found);
    if (*found != nullptr) user = as_user(**found);
    return code;
  });
  return user;
}

std::optional<Group> find_group(const std::string& name_or_gid) {
  std::optional<Group> result;
  const auto take = [&result](int code, group** found) {
    if (*found != nullptr) result = as_group(**found);
    return code;
  };
  look_up<group>("group '" + name_or_gid + "'", [&](group* record, char* buffer, std::size_t size, group** found) {
    return take(::getgrnam_r(name_or_gid.c_str(), record, buffer, size, found), found);
  });
  const auto gid = number(name_or_gid);
  if (!result && gid)
    look_up<group>("group " + name_or_gid, [&](group* record, char* buffer, std::size_t size, group** found) {
      return take(::getgrgid_r(*gid, record, buffer, size, found), found);
    });
  return result;
}

User current_user() {
  const uid_t uid = ::geteuid();
  if (auto user = user_of(uid)) return *user;
  return {std::to_string(uid), uid, ::getegid(), "/", "/bin/sh", ""};
}

std::vector<gid_t> group_ids(const User& user) {
  int count = 32;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) {
    if (static_cast<std::size_t>(count) <= groups.size()) count = static_cast<int>(groups.size()) * 2;
    groups.resize(static_cast<std::size_t>(count));
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

std::uint32_t uid_of(const std::string& owner) {
  if (const auto user = find_user(owner)) return user->uid;
  if (const auto uid = number(owner)) return *uid;
  throw Error("there is no user '" + owner + "' on this machine")
      .hint("make the user in an earlier task")
      .about("owner");
}

std::uint32_t gid_of(const std::string& group) {
  if (const auto found = find_group(group)) return found->gid;
  if (const auto gid = number(group)) return *gid;
  throw Error("there is no group '" + group + "' on this machine")
      .hint("make the group in an earlier task")
      .about("group");
}

}  // namespace agent
