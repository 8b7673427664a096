#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <agent/sdk/error.hpp>
#include <agent/wall/system_calls.hpp>
#include <agent/wall/watched_calls.hpp>

namespace agent::wall {

namespace {

// By name: a library or a kernel that does not know one has nothing to forbid.
constexpr const char* never[] = {
    // rings that do input and output past this list
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    // files by handle instead of path
    "open_by_handle_at", "name_to_handle_at",
    // other processes
    "ptrace", "process_vm_writev", "process_vm_readv", "pidfd_getfd", "pidfd_send_signal", "process_madvise", "kcmp",
    "process_mrelease", "migrate_pages", "move_pages",
    // mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "unshare", "setns",
    // the kernel itself
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "reboot", "kexec_load",
    "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff", "acct", "quotactl",
    "quotactl_fd", "syslog", "iopl", "ioperm", "fanotify_init", "lookup_dcookie", "vhangup", "nfsservctl",
    // clocks and names
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname", "setdomainname"};

constexpr const char* on_files[] = {"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
                                    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr",
                                    "fremovexattr", "removexattrat", "utime", "utimes", "futimesat", "utimensat",
                                    "truncate", "file_setattr",
                                    // memory that other programs share by name
                                    "shmget", "semget", "msgget", "mq_open", "mq_unlink"};

constexpr unsigned long namespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                        CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

constexpr unsigned long set_flags = 0x40086602,
                        set_extended_flags = 0x401c5820;  // linux/fs.h: FS_IOC_SETFLAGS, FSSETXATTR
constexpr unsigned long linux_console = 0x541c;           // TIOCLINUX

/// Flags of open(2) that may write: any of these.
struct Bits {
  unsigned mask, value;
};
constexpr Bits openings[] = {{O_ACCMODE, O_WRONLY}, {O_ACCMODE, O_RDWR}, {O_CREAT, O_CREAT}, {O_TRUNC, O_TRUNC}};

class Filter {
 public:
  /// `tells`: a watch is told of what it refuses, where nothing else is said.
  explicit Filter(bool tells) : tells_(tells), context_(seccomp_init(SCMP_ACT_ALLOW), seccomp_release) {
    if (!context_) throw Error("the list of forbidden system calls cannot be made");
  }
  void forbid(const char* name) { add(name, tells_ ? SCMP_ACT_NOTIFY : refusal(EPERM), {}); }
  void forbid(const char* name, scmp_arg_cmp argument) { add(name, refusal(EPERM), {argument}); }
  void answer(const char* name, int error, const std::vector<scmp_arg_cmp>& arguments) {
    add(name, refusal(error), arguments);
  }
  void tell(const char* name, const std::vector<scmp_arg_cmp>& arguments = {}) {
    add(name, SCMP_ACT_NOTIFY, arguments);
  }
  /// False where another filter has a watch already.
  bool load() {
    const int failed = seccomp_load(context_.get());
    if (failed == -EBUSY && tells_) return false;
    if (failed < 0)
      throw Error(std::string("the kernel takes no list of forbidden system calls: ") + std::strerror(-failed));
    return true;
  }
  /// Who holds it could let through what is refused: it must not stay behind the wall.
  Fd listener() const { return Fd(seccomp_notify_fd(context_.get())); }
  bool tells() const { return tells_; }

 private:
  static std::uint32_t refusal(int error) { return SCMP_ACT_ERRNO(static_cast<unsigned>(error)); }
  void add(const char* name, std::uint32_t action, const std::vector<scmp_arg_cmp>& arguments) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;
    const int failed = seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(arguments.size()),
                                              arguments.data());
    if (failed < 0 && failed != -EDOM)
      throw Error("the system call '" + std::string(name) + "' cannot be forbidden: " + std::strerror(-failed));
  }
  const bool tells_;
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

// A daemon does for whoever asks it, and so does who listens on the network: the watch hands out sockets that reach
// nobody, and without it there are none. What the kernel tells of the machine's network (netlink) is left: who has no
// rights can change nothing there.
void forbid_sockets(Filter& filter, const Restraint& restraint) {
  constexpr unsigned type_bits = 0xf;
  const auto ask = [&](int error, const std::vector<scmp_arg_cmp>& arguments) {
    filter.tells() ? filter.tell("socket", arguments) : filter.answer("socket", error, arguments);
  };
  static_assert(AF_UNIX < AF_INET && AF_INET < AF_INET6 && AF_INET6 < AF_NETLINK);
  for (unsigned family = 0; family < AF_NETLINK; ++family) {
    const bool internet = family == AF_INET || family == AF_INET6;
    const scmp_arg_cmp is_this = SCMP_A0_32(SCMP_CMP_EQ, family);
    if (family == AF_UNIX || (internet && !restraint.network))
      ask(EACCES, {is_this});
    else if (internet && restraint.was_root)
      ask(EPERM, {is_this, SCMP_A1_32(SCMP_CMP_MASKED_EQ, type_bits, static_cast<unsigned>(SOCK_RAW))});
    else if (!internet)
      filter.answer("socket", EACCES, {is_this});
  }
  filter.answer("socket", EACCES, {SCMP_A0_32(SCMP_CMP_GT, static_cast<unsigned>(AF_NETLINK))});
  const scmp_arg_cmp netlink = SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(AF_NETLINK));
  filter.answer("socket", EACCES, {netlink, SCMP_A2_32(SCMP_CMP_EQ, static_cast<unsigned>(NETLINK_USERSOCK))});
  filter.answer("socket", EACCES, {netlink, SCMP_A2_32(SCMP_CMP_GT, static_cast<unsigned>(NETLINK_GENERIC))});
  if (restraint.was_root)
    for (const unsigned list : {NETLINK_NETFILTER, NETLINK_XFRM, NETLINK_AUDIT})
      ask(EPERM, {netlink, SCMP_A2_32(SCMP_CMP_EQ, list)});
  // To whom a datagram goes is said when it is sent.
  if (filter.tells() && !restraint.network) filter.tell("sendto", {SCMP_A4_64(SCMP_CMP_NE, 0)});
  // Of a pair without a connection each end may write to any daemon.
  for (const unsigned type : {SOCK_DGRAM, SOCK_RAW}) {
    filter.answer("socketpair", EACCES, {SCMP_A1_32(SCMP_CMP_MASKED_EQ, type_bits, type)});
  }
}

// Of what the mounts and Landlock refuse, so that it can be named; what they let through goes on.
void tell_of_files(Filter& filter) {
  using Way = WatchedCall::Way;
  for (const WatchedCall& call : watched_calls()) {
    if (call.way == Way::socket || call.way == Way::send) continue;
    if (call.way == Way::map) {
      constexpr unsigned shared_file = MAP_SHARED | MAP_ANONYMOUS;
      filter.tell(call.name, {SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_WRITE, PROT_WRITE),
                              SCMP_A3_32(SCMP_CMP_MASKED_EQ, shared_file, MAP_SHARED)});
    } else if (call.way == Way::open && call.flags == 1) {
      for (const auto& flags : openings)
        filter.tell(call.name, {SCMP_A1_32(SCMP_CMP_MASKED_EQ, flags.mask, flags.value)});
    } else if (call.way == Way::open && std::strcmp(call.name, "openat") == 0) {
      for (const auto& flags : openings)
        filter.tell(call.name, {SCMP_A2_32(SCMP_CMP_MASKED_EQ, flags.mask, flags.value)});
    } else {
      filter.tell(call.name);
    }
  }
}

bool is_watched(const char* name) {
  const auto all = watched_calls();
  return std::any_of(all.begin(), all.end(), [&](const auto& call) { return std::strcmp(call.name, name) == 0; });
}

void fill(Filter& filter, const Restraint& restraint) {
  for (const char* name : never) filter.forbid(name);
  if (filter.tells()) tell_of_files(filter);
  if (restraint.attributes_too)
    for (const char* name : on_files)
      if (!filter.tells() || !is_watched(name)) filter.forbid(name);
  forbid_sockets(filter, restraint);
  for (const unsigned long flag : namespaces) filter.forbid("clone", SCMP_A0_64(SCMP_CMP_MASKED_EQ, flag, flag));
  filter.answer("clone3", ENOSYS, {});  // its flags are out of sight; everybody falls back to clone
  // How other processes run: one's own (0) may be set.
  for (const char* name : {"prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"})
    filter.forbid(name, SCMP_A0_32(SCMP_CMP_NE, 0));
  for (const char* name : {"setpriority", "ioprio_set"}) {
    filter.forbid(name, SCMP_A1_32(SCMP_CMP_NE, 0));
    for (const unsigned all_of_a_user : {2u, 3u}) filter.forbid(name, SCMP_A0_32(SCMP_CMP_EQ, all_of_a_user));
  }
  for (const unsigned long request :
       {static_cast<unsigned long>(TIOCSTI), linux_console, set_flags, set_extended_flags})
    filter.forbid("ioctl", SCMP_A1_32(SCMP_CMP_EQ, static_cast<unsigned>(request)));
}

}  // namespace

std::shared_ptr<Watch> forbid_system_calls(const Restraint& restraint, std::shared_ptr<Watch> watch) {
  if (watch) {
    Filter filter(true);
    fill(filter, restraint);
    if (filter.load()) {
      watch->listen(filter.listener(), restraint);
      return watch;
    }
  }
  Filter filter(false);
  fill(filter, restraint);
  filter.load();
  return nullptr;
}

}  // namespace agent::wall
