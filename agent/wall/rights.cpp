#include <cerrno>
#include <cstring>
#include <vector>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <agent/host/users.hpp>
#include <agent/wall/rights.hpp>

namespace agent::wall {

namespace {

void must(bool worked, const char* what) {
  if (!worked) throw Error(std::string(what) + ": " + std::strerror(errno));
}

constexpr std::uint64_t right(int capability) {
  return std::uint64_t{1} << capability;
}

// Root in a container may lack it.
std::uint64_t held(int capability) {
  return ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 ? right(capability) : 0;
}

// `for_later`: not in force, but to be had.
void set_capabilities(std::uint64_t wanted, std::uint64_t for_later = 0) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    const auto bits = static_cast<std::uint32_t>(wanted >> (32 * half));
    data[half].effective = data[half].inheritable = bits;
    data[half].permitted = bits | static_cast<std::uint32_t>(for_later >> (32 * half));
  }
  must(::syscall(SYS_capset, &header, data) == 0, "the check's rights cannot be reduced");
}

// What is not in the bounding set cannot come back by way of a program file.
void bound(std::uint64_t kept) {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if ((kept & right(capability)) == 0)
      must(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "the check's rights cannot be bounded");
}

void take_ids(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
  must(::setgroups(groups.size(), groups.data()) == 0, "the check's groups cannot be set");
  must(::setresgid(gid, gid, gid) == 0, "the check's group cannot be set");
  must(::setresuid(uid, uid, uid) == 0, "the check's user cannot be set");
}

}  // namespace

Nobody throw_away_ids() {
  // The range that systemd keeps for users of a moment (systemd.exec(5), DynamicUser=).
  constexpr uid_t first = 61184, last = 65519;
  const auto start = static_cast<uid_t>(::getpid()) % (last - first);
  for (uid_t i = 0; i <= last - first; ++i) {
    const uid_t id = first + (start + i) % (last - first + 1);
    if (!::getpwuid(id) && !::getgrgid(id)) return {id, id};
  }
  throw Error("every user id between 61184 and 65519 is taken, and the check has none to run as");
}

void become_reader(const Nobody& ids) {
  bound(right(CAP_DAC_READ_SEARCH));
  must(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0, "the right to read cannot be kept");
  take_ids(ids.uid, ids.gid, {});
  set_capabilities(right(CAP_DAC_READ_SEARCH));
  must(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) == 0,
       "the right to read cannot be handed on to commands");
  // Module libraries are reached through /proc/self/fd.
  ::prctl(PR_SET_DUMPABLE, 1);
}

void become_powerless_root() {
  become_asking_root({});
}

void become_asking_root(std::initializer_list<int> capabilities) {
  // Root of a container may have only the greater right; what it would write, Landlock holds back.
  std::uint64_t kept = held(CAP_DAC_READ_SEARCH);
  if (kept == 0) kept = held(CAP_DAC_OVERRIDE);
  for (const int capability : capabilities) kept |= held(capability);
  // A program that root starts gets what the bounding set leaves, and no more.
  bound(kept);
  set_capabilities(kept);
}

void become_only(const User& user) {
  bound(0);
  take_ids(user.uid, user.gid, group_ids(user));
  set_capabilities(0);
  ::prctl(PR_SET_DUMPABLE, 1);
}

void become_watcher(const std::optional<User>& view) {
  gain_nothing();
  if (::geteuid() != 0) return;
  const bool other = view && view->uid != 0;
  must(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0, "the right to look at processes cannot be kept");
  if (other) take_ids(view->uid, view->gid, group_ids(*view));
  // A network without a way out is made for those who ask for a socket (sockets.hpp).
  const std::uint64_t for_later = held(CAP_SYS_ADMIN);
  // In a container root may lack it, and then sees its own processes only as long as it has all that they have.
  if (::prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE, 0, 0, 0) == 1)
    set_capabilities(right(CAP_SYS_PTRACE) | (other ? 0 : right(CAP_DAC_READ_SEARCH)), for_later);
}

void raise_right(int capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return;
  data[capability / 32].effective |= data[capability / 32].permitted & (1U << (capability % 32));
  static_cast<void>(::syscall(SYS_capset, &header, data));
}

void gain_nothing() {
  must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "the kernel does not promise that rights stay as they are");
}

}  // namespace agent::wall
