#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <agent/sdk/error.hpp>
#include <agent/wall/system_calls.hpp>

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

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW), seccomp_release) {
    if (!context_) throw Error("the list of forbidden system calls cannot be made");
  }
  void forbid(const char* name, int error = EPERM) { add(name, error, 0, nullptr); }
  void forbid(const char* name, scmp_arg_cmp argument, int error = EPERM) { add(name, error, 1, &argument); }
  void load() {
    if (const int failed = seccomp_load(context_.get()); failed < 0)
      throw Error(std::string("the kernel takes no list of forbidden system calls: ") + std::strerror(-failed));
  }

 private:
  void add(const char* name, int error, unsigned count, const scmp_arg_cmp* argument) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;
    const int failed =
        seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), number, count, argument);
    if (failed < 0 && failed != -EDOM)
      throw Error("the system call '" + std::string(name) + "' cannot be forbidden: " + std::strerror(-failed));
  }
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

void forbid_sockets(Filter& filter) {
  // A daemon does for whoever asks it: only the internet families are left, and the network's own namespace holds
  // those.
  for (unsigned family = 0; family < 64; ++family)
    if (family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
      filter.forbid("socket", SCMP_A0_32(SCMP_CMP_EQ, family), EACCES);
}

}  // namespace

void forbid_system_calls(bool files_too) {
  Filter filter;
  for (const char* name : never) filter.forbid(name);
  if (files_too)
    for (const char* name : on_files) filter.forbid(name);
  forbid_sockets(filter);
  for (const unsigned long flag : namespaces) filter.forbid("clone", SCMP_A0_64(SCMP_CMP_MASKED_EQ, flag, flag));
  filter.forbid("clone3", ENOSYS);  // its flags are out of sight; everybody falls back to clone
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
  filter.load();
}

}  // namespace agent::wall
