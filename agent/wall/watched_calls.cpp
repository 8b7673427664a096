#include <map>

#include <seccomp.h>

#include <agent/wall/watched_calls.hpp>

namespace agent::wall {

namespace {

using Way = WatchedCall::Way;

constexpr WatchedCall calls[] = {
    {"open", Way::open, -1, 0, 1},
    {"openat", Way::open, 0, 1, 2},
    {"openat2", Way::open, 0, 1, 2},
    {"creat", Way::open, -1, 0},
    {"mkdir", Way::make, -1, 0},
    {"mkdirat", Way::make, 0, 1},
    {"mknod", Way::make, -1, 0},
    {"mknodat", Way::make, 0, 1},
    {"symlink", Way::make, -1, 1},
    {"symlinkat", Way::make, 1, 2},
    {"link", Way::make, -1, 1},
    {"linkat", Way::make, 2, 3},
    {"unlink", Way::remove, -1, 0},
    {"unlinkat", Way::remove, 0, 1},
    {"rmdir", Way::remove, -1, 0},
    {"rename", Way::remove, -1, 0},
    {"renameat", Way::remove, 0, 1},
    {"renameat2", Way::remove, 0, 1},
    {"chmod", Way::change, -1, 0},
    {"fchmod", Way::change, 0},
    {"fchmodat", Way::change, 0, 1},
    {"fchmodat2", Way::change, 0, 1},
    {"chown", Way::change, -1, 0},
    {"fchown", Way::change, 0},
    {"lchown", Way::change, -1, 0},
    {"fchownat", Way::change, 0, 1},
    {"setxattr", Way::change, -1, 0},
    {"lsetxattr", Way::change, -1, 0},
    {"fsetxattr", Way::change, 0},
    {"setxattrat", Way::change, 0, 1},
    {"removexattr", Way::change, -1, 0},
    {"lremovexattr", Way::change, -1, 0},
    {"fremovexattr", Way::change, 0},
    {"removexattrat", Way::change, 0, 1},
    {"utime", Way::change, -1, 0},
    {"utimes", Way::change, -1, 0},
    {"futimesat", Way::change, 0, 1},
    {"utimensat", Way::change, 0, 1},
    {"truncate", Way::change, -1, 0},
    {"file_setattr", Way::change, 0, 1},
    {"mmap", Way::map, 4},
    {"socket", Way::socket},
    {"connect", Way::connect, 0, 1, 2},
    {"sendto", Way::send, 0, 4, 5},
};

}  // namespace

std::span<const WatchedCall> watched_calls() {
  return calls;
}

const WatchedCall* watched_call(int number) {
  static const auto by_number = [] {
    std::map<int, const WatchedCall*> all;
    for (const WatchedCall& call : calls)
      if (const int known = seccomp_syscall_resolve_name(call.name); known != __NR_SCMP_ERROR) all[known] = &call;
    return all;
  }();
  const auto found = by_number.find(number);
  return found == by_number.end() ? nullptr : found->second;
}

}  // namespace agent::wall
