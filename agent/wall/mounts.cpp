#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wall/mounts.hpp>

namespace agent::wall {

namespace {

// mount_setattr(2), Linux 5.12. Its header cannot stand beside <sys/mount.h>.
struct MountAttributes {
  std::uint64_t set, clear, propagation, user_namespace;
};
constexpr long mount_setattr_number = 442;
constexpr std::uint64_t read_only = 1;
constexpr unsigned recursive = 0x8000;

Error refused(const std::string& what) {
  return Error(what + ": " + std::strerror(errno));
}

// \040 and the like, as the kernel writes them.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

unsigned long flags_in(const std::string& options) {
  const auto has = [&](const std::string& word) {
    return ("," + options + ",").find("," + word + ",") != std::string::npos;
  };
  unsigned long flags = 0;
  if (has("nosuid")) flags |= MS_NOSUID;
  if (has("nodev")) flags |= MS_NODEV;
  if (has("noexec")) flags |= MS_NOEXEC;
  if (has("noatime")) flags |= MS_NOATIME;
  if (has("nodiratime")) flags |= MS_NODIRATIME;
  if (has("relatime")) flags |= MS_RELATIME;
  return flags;
}

// Before Linux 5.12: one mount after the other, with the flags that it has.
void make_each_read_only() {
  std::ifstream mounts("/proc/self/mountinfo");
  std::string id, parent, device, root, point, options, rest;
  while (mounts >> id >> parent >> device >> root >> point >> options && std::getline(mounts, rest)) {
    const std::string path = unescaped(point);
    if (::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | flags_in(options), nullptr) == 0)
      continue;
    // A mount below another one cannot be reached by its path, and neither can anybody behind the wall.
    if (errno != ENOENT && errno != EINVAL && errno != EACCES) throw refused("'" + path + "' cannot be made read-only");
  }
}

bool is_empty_directory(const char* path) {
  DIR* directory = ::opendir(path);
  if (!directory) return false;
  int entries = 0;
  while (entries < 3 && ::readdir(directory)) ++entries;
  ::closedir(directory);
  return entries == 2;
}

}  // namespace

void own_mounts() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWIPC) != 0) throw refused("the kernel gives no mounts of our own");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw refused("the mounts cannot be made private");
}

void seal_mounts() {
  MountAttributes attributes{read_only, 0, 0, 0};
  if (::syscall(mount_setattr_number, AT_FDCWD, "/", recursive, &attributes, sizeof attributes) == 0) return;
  if (errno != ENOSYS) throw refused("the mounts cannot be made read-only");
  make_each_read_only();
}

Strings mount_points() {
  std::ifstream mounts("/proc/self/mountinfo");
  Strings all;
  std::string id, parent, device, root, point, rest;
  while (mounts >> id >> parent >> device >> root >> point && std::getline(mounts, rest))
    all.push_back(unescaped(point));
  return all;
}

Path mount_scratch(uid_t owner, gid_t group) {
  const std::string options = "size=64m,mode=0700,uid=" + std::to_string(owner) + ",gid=" + std::to_string(group);
  // Programs may be run from it: a task's script is put there. Places that every distribution has, and that hold
  // nothing that a check would want to see.
  for (const char* path : {"/mnt", "/media", "/srv", "/opt", "/var/opt", "/var/local", "/dev/mqueue", "/dev/hugepages"})
    if (is_empty_directory(path) && ::mount("agent-check", path, "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0)
      return path;
  throw Error("there is no empty directory to lay the check's scratch over")
      .hint("any of /mnt, /media, /srv and /opt will do");
}

}  // namespace agent::wall
