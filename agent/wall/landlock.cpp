#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wall/landlock.hpp>

namespace agent::wall {

namespace {

// linux/landlock.h, as of version 6; the header of the machine that builds may be older.
struct RulesetAttributes {
  std::uint64_t file_system, network, scopes;
};
struct __attribute__((packed)) PathBeneath {
  std::uint64_t allowed;
  std::int32_t parent;
};
constexpr long create_ruleset_number = 444, add_rule_number = 445, restrict_self_number = 446;
constexpr std::uint64_t write_file = 1 << 1, refer = 1 << 13, truncate = 1 << 14, device_ioctl = 1 << 15;
constexpr std::uint64_t change_tree = 0x1ff0;  // remove and make whatever it be: bits 4 to 12
constexpr std::uint64_t abstract_sockets = 1, signals = 2;

/// All rights to write that this version can withhold.
std::uint64_t writing(int version) {
  std::uint64_t rights = write_file | change_tree;
  if (version >= 2) rights |= refer;
  if (version >= 3) rights |= truncate;
  if (version >= 5) rights |= device_ioctl;
  return rights;
}

std::size_t size_for(int version) {
  return version < 4 ? 8 : version < 6 ? 16 : sizeof(RulesetAttributes);
}

void allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (fd < 0) return;
  const PathBeneath rule{rights, fd};
  ::syscall(add_rule_number, ruleset, 1, &rule, 0);
  ::close(fd);
}

// A program that computes on a GPU writes to its device; nothing of that stays.
void allow_devices(int ruleset, std::uint64_t rights) {
  for (const char* name : {"null", "zero", "full", "random", "urandom", "kfd"})
    allow(ruleset, std::string("/dev/") + name, rights);
  if (DIR* devices = ::opendir("/dev")) {
    while (const dirent* entry = ::readdir(devices))
      if (std::strncmp(entry->d_name, "nvidia", 6) == 0) allow(ruleset, std::string("/dev/") + entry->d_name, rights);
    ::closedir(devices);
  }
  if (DIR* devices = ::opendir("/dev/dri")) {
    while (const dirent* entry = ::readdir(devices))
      if (std::strncmp(entry->d_name, "renderD", 7) == 0)
        allow(ruleset, std::string("/dev/dri/") + entry->d_name, rights);
    ::closedir(devices);
  }
}

}  // namespace

int landlock_version() {
  const long version = ::syscall(create_ruleset_number, nullptr, 0, 1);
  return version > 0 ? static_cast<int>(version) : 0;
}

bool restrict_writing(const Path& scratch) {
  const int version = landlock_version();
  if (version == 0) return false;
  RulesetAttributes attributes{writing(version), 0, version >= 6 ? abstract_sockets | signals : 0};
  const int ruleset = static_cast<int>(::syscall(create_ruleset_number, &attributes, size_for(version), 0));
  if (ruleset < 0) throw Error(std::string("Landlock takes no rules: ") + std::strerror(errno));
  allow(ruleset, scratch.string(), writing(version) & ~device_ioctl);
  allow_devices(ruleset, writing(version) & (write_file | truncate | device_ioctl));
  const bool restricted = ::syscall(restrict_self_number, ruleset, 0) == 0;
  const int error = errno;
  ::close(ruleset);
  if (!restricted) throw Error(std::string("Landlock does not restrict: ") + std::strerror(error));
  return true;
}

}  // namespace agent::wall
