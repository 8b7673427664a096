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

void set_capabilities(std::uint64_t wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    const auto bits = static_cast<std::uint32_t>(wanted >> (32 * half));
    data[half].effective = data[half].permitted = data[half].inheritable = bits;
  }
  must(::syscall(SYS_capset, &header, data) == 0, "the check's rights cannot be reduced");
}

// What is not in the bounding set cannot come back by way of a program file.
void bound(int kept) {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (capability != kept)
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
  bound(CAP_DAC_READ_SEARCH);
  must(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0, "the right to read cannot be kept");
  take_ids(ids.uid, ids.gid, {});
  set_capabilities(std::uint64_t{1} << CAP_DAC_READ_SEARCH);
  must(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) == 0,
       "the right to read cannot be handed on to commands");
  // Module libraries are reached through /proc/self/fd.
  ::prctl(PR_SET_DUMPABLE, 1);
}

void become_powerless_root() {
  // A program that root starts gets what the bounding set leaves, and no more.
  bound(CAP_DAC_READ_SEARCH);
  set_capabilities(std::uint64_t{1} << CAP_DAC_READ_SEARCH);
}

void become_only(const User& user) {
  bound(-1);
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
  const std::uint64_t look = std::uint64_t{1} << CAP_SYS_PTRACE;
  // In a container root may lack it, and then sees its own processes only as long as it has all that they have.
  if (::prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE, 0, 0, 0) == 1)
    set_capabilities(other ? look : look | std::uint64_t{1} << CAP_DAC_READ_SEARCH);
}

void gain_nothing() {
  must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "the kernel does not promise that rights stay as they are");
}

}  // namespace agent::wall
