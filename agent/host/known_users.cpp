#include <sys/stat.h>

#include <agent/host/known_users.hpp>
#include <agent/host/users.hpp>

namespace agent {

std::optional<User> KnownUsers::user(const std::string& name_or_uid) const {
  look_at_files();
  if (const auto known = users_.find(name_or_uid); known != users_.end()) return known->second;
  auto found = find_user(name_or_uid);
  if (found) users_[name_or_uid] = *found;
  return found;
}

std::optional<Group> KnownUsers::group(const std::string& name_or_gid) const {
  look_at_files();
  if (const auto known = groups_.find(name_or_gid); known != groups_.end()) return known->second;
  auto found = find_group(name_or_gid);
  if (found) groups_[name_or_gid] = *found;
  return found;
}

void KnownUsers::forget() const {
  users_.clear();
  groups_.clear();
}

void KnownUsers::look_at_files() const {
  std::string now;
  for (const char* file : {"/etc/passwd", "/etc/group"}) {
    struct stat info {};
    if (::stat(file, &info) == 0)
      now += std::to_string(info.st_ino) + "." + std::to_string(info.st_size) + "." +
             std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " ";
  }
  if (now == stamp_) return;
  forget();
  stamp_ = std::move(now);
}

}  // namespace agent
