#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/host/passed_fds.hpp>
#include <agent/wall/foreign_process.hpp>
#include <agent/wall/sockets.hpp>
#include <agent/wall/watched_calls.hpp>
#include <agent/wall/watcher.hpp>

namespace agent::wall {

namespace {

using Target = ForeignProcess::Target;
using Way = WatchedCall::Way;

/// What to answer to a system call, and what it aimed at where the wall refuses it.
struct Answer {
  int error = 0;  ///< 0: it goes on, and the kernel says
  bool refused = false;
  bool counts = true;  ///< see Refusal
  std::string path = {};
  bool network = false;
};

bool begins(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

// What SQLite keeps beside a database, also for who only reads (rpm -q): it reads as well where it may not write there,
// but may fail where it had to make it first.
bool is_beside_database(const std::string& path) {
  return path.ends_with("-wal") || path.ends_with("-shm") || path.ends_with("-journal");
}

std::string kernel_part(int netlink_protocol) {
  return netlink_protocol == NETLINK_NETFILTER ? "of the firewall"
         : netlink_protocol == NETLINK_XFRM    ? "of IPsec"
                                               : "of the kernel's audit";
}

class Watcher {
 public:
  Watcher(int line, pid_t program, const std::optional<User>& view) : line_(line), program_(program), view_(view) {}

  void serve() {
    if (!take_listener()) return;
    seccomp_notif* asked = nullptr;
    seccomp_notif_resp* given = nullptr;
    if (seccomp_notify_alloc(&asked, &given) != 0) return;
    for (;;) {
      pollfd ready{listener_.get(), POLLIN, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return;
      if ((ready.revents & POLLIN) == 0 && (ready.revents & (POLLHUP | POLLERR)) != 0) return;
      if ((ready.revents & POLLIN) == 0) continue;
      std::memset(asked, 0, sizeof *asked);
      if (seccomp_notify_receive(listener_.get(), asked) == 0) answer(*asked, *given);
    }
  }

 private:
  bool take_listener() {
    auto passed = take_fds(line_, 1);
    if (!passed) return false;
    listener_ = std::move(passed->fds[0]);
    if (passed->bytes.size() < 2) return false;
    forbids_attributes_ = passed->bytes[0] == 'a';
    network_ = passed->bytes[1] == 'n';
    scratch_ = passed->bytes.substr(2);
    return true;
  }

  void answer(const seccomp_notif& asked, seccomp_notif_resp& given) const {
    const ForeignProcess process(static_cast<pid_t>(asked.pid));
    const WatchedCall* call = watched_call(asked.data.nr);
    const Answer answer = call ? judged(process, asked.data, *call) : forbidden(asked.data.nr);
    if (answer.refused) tell(process, asked, answer);
    const bool done =
        answer.error != 0 && call && call->way == Way::change && changed_for_it(process, asked.data, *call);
    if (call && call->way == Way::socket && !answer.refused && hand_out_socket(asked)) return;
    given.id = asked.id;
    given.val = 0;
    given.error = done ? 0 : -answer.error;
    // Only what the wall stops anyway may go on: what is read here may be another thing by the time the kernel reads
    // it.
    given.flags = answer.error == 0 && !done ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    seccomp_notify_respond(listener_.get(), &given);
  }

  // Programs try much of it and can do without; but the kernel's log is what they were to read.
  static Answer forbidden(int number) { return {EPERM, true, number == seccomp_syscall_resolve_name("syslog")}; }

  Answer judged(const ForeignProcess& process, const seccomp_data& data, const WatchedCall& call) const {
    const auto argument = [&](int number) { return data.args[number]; };
    if (call.way == Way::socket) return judged_socket(data);
    if (call.way == Way::connect || call.way == Way::send)
      return judged_address(addressee_at(process, argument(call.path), argument(call.flags)), call.way);
    if (call.way == Way::map) {
      const int fd = static_cast<int>(argument(call.directory));
      return process.only_reads(fd) ? judged_write(process.target(fd), false) : Answer{};
    }
    const int directory = call.directory < 0 ? AT_FDCWD : static_cast<int>(argument(call.directory));
    Answer answer;
    if (call.path < 0 || argument(call.path) == 0) {
      answer = judged_write(process.target(directory), true);
    } else if (const auto path = process.text_at(argument(call.path))) {
      const bool follow = call.way == Way::open || (call.way == Way::change && call.name[0] != 'l');
      Target target = process.target(*path, directory, follow);
      if (call.way == Way::open)
        answer = judged_opening(target, call.flags < 0 ? O_CREAT | O_WRONLY : flags_of(process, data, call));
      else if (call.way == Way::change)
        answer = target.there ? judged_write(target, true) : Answer{};
      else if (target.there == (call.way == Way::remove))
        answer = judged_in_directory(target);
    } else {
      answer.refused = call.way != Way::open;  // it cannot be read: what it would open may be what it may write to
    }
    if (forbids_attributes_ && call.way == Way::change) answer.error = EPERM;
    return answer;
  }

  // Where attributes are forbidden as such, those of the scratch are changed for whoever asks.
  bool changed_for_it(const ForeignProcess& process, const seccomp_data& data, const WatchedCall& call) const {
    if (!forbids_attributes_ || (std::strstr(call.name, "chmod") == nullptr)) return false;
    const int directory = call.directory < 0 ? AT_FDCWD : static_cast<int>(data.args[call.directory]);
    const auto path = call.path < 0 ? std::optional<std::string>("") : process.text_at(data.args[call.path]);
    if (!path) return false;
    const Target target = process.target(*path, directory, true);
    const auto mode = static_cast<mode_t>(data.args[std::max(call.path, call.directory) + 1]);
    return target.there && begins(target.path, scratch_ + "/") &&
           ::chmod(("/proc/self/fd/" + std::to_string(target.handle.get())).c_str(), mode) == 0;
  }

  static int flags_of(const ForeignProcess& process, const seccomp_data& data, const WatchedCall& call) {
    if (std::strcmp(call.name, "openat2") != 0) return static_cast<int>(data.args[call.flags]);
    const auto how = process.bytes_at(data.args[call.flags], sizeof(std::uint64_t));
    std::uint64_t flags = 0;
    if (how) std::memcpy(&flags, how->data(), sizeof flags);
    return static_cast<int>(flags);
  }

  Answer judged_opening(const Target& target, int flags) const {
    const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
    if (!writes) return {};
    if (!target.there) return (flags & O_CREAT) != 0 ? judged_in_directory(target) : Answer{};
    const bool only_makes = (flags & O_ACCMODE) == O_RDONLY && (flags & O_TRUNC) == 0;
    const bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
    if (only_makes || (flags & O_EXCL) != 0 || (S_ISDIR(target.info.st_mode) && !nameless)) return {};
    return judged_write(target, false);
  }

  // What is not refused by the wall is refused by nobody, or would be refused by a run as well.
  Answer judged_write(const Target& target, bool attributes) const {
    if (!target.there || may_be_written(target) || is_beside_database(target.path)) return {};
    if (is_refused_anyway(target.path, attributes ? &target.info : nullptr)) return {};
    return {0, true, true, target.path};
  }

  Answer judged_in_directory(const Target& target) const {
    if (!target.in_directory || begins(target.path, scratch_ + "/")) return {};
    if (is_refused_anyway(target.path.substr(0, target.path.rfind('/') + 1), nullptr)) return {};
    return {0, true, !is_beside_database(target.path), target.path};
  }

  // Pipes, terminals and sockets have a path like "pipe:[123]", and what the wall leaves open has one of these.
  bool may_be_written(const Target& target) const {
    const std::string& path = target.path;
    if (path.empty() || path[0] != '/' || path == scratch_ || begins(path, scratch_ + "/")) return true;
    if (!S_ISCHR(target.info.st_mode)) return begins(path, "/memfd:") || begins(path, "/dev/zero");
    return begins(path, "/dev/pts/") || begins(path, "/dev/nvidia") || begins(path, "/dev/dri/") ||
           std::any_of(std::begin(open_devices), std::end(open_devices), [&](const char* one) { return path == one; });
  }

  // Asked of the path as the watch sees it, which stands before the wall.
  bool is_refused_anyway(const std::string& path, const struct stat* attributes) const {
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) return false;
    if (errno == EROFS) return true;
    const uid_t uid = view_ ? view_->uid : ::geteuid();
    return uid != 0 && !(attributes && attributes->st_uid == uid);
  }

  // What only root may ask the kernel (the firewall's rules, sockets past the protocols) has no answer here.
  static Answer judged_socket(const seccomp_data& data) {
    constexpr std::uint64_t type_bits = 0xf;
    const auto family = static_cast<int>(data.args[0]), protocol = static_cast<int>(data.args[2]);
    if (family == AF_NETLINK) return {EPERM, true, protocol != NETLINK_AUDIT, kernel_part(protocol)};
    if (family != AF_UNIX && (data.args[1] & type_bits) == SOCK_RAW) return {EPERM, true, true, "a raw one"};
    return {EACCES};
  }

  Answer judged_address(const Addressee& to, Way way) const {
    switch (to.kind) {
      case Addressee::Kind::missing:
        return {ENOENT};
      case Addressee::Kind::name_service:
      case Addressee::Kind::listener:
        return {ECONNREFUSED};
      case Addressee::Kind::daemon:
        return {EACCES, true, true, to.name};
      case Addressee::Kind::network:
        if (network_) return {};
        // Which of its own addresses leads there is looked up by connecting to no port.
        return {ENETUNREACH, true, way == Way::send || to.port != 0, to.name, true};
      case Addressee::Kind::other:
        break;
    }
    return {};
  }

  bool hand_out_socket(const seccomp_notif& asked) const {
    const auto family = static_cast<int>(asked.data.args[0]), type = static_cast<int>(asked.data.args[1]);
    const Fd given =
        family == AF_UNIX ? dead_socket(type) : lonely_socket(family, type, static_cast<int>(asked.data.args[2]));
    if (!given) return false;
    seccomp_notif_addfd add{};
    add.id = asked.id;
    add.srcfd = static_cast<__u32>(given.get());
    add.newfd_flags = (type & SOCK_CLOEXEC) != 0 ? O_CLOEXEC : 0;
    const int number = ::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &add);
    if (number < 0) return false;
    seccomp_notif_resp given_number{};
    given_number.id = asked.id;
    given_number.val = number;
    seccomp_notify_respond(listener_.get(), &given_number);
    return true;
  }

  void tell(const ForeignProcess& process, const seccomp_notif& asked, const Answer& answer) const {
    const bool own = static_cast<pid_t>(asked.pid) == program_ || process.is_our_program();
    char* name = seccomp_syscall_resolve_num_arch(asked.data.arch, asked.data.nr);
    std::string text = {answer.counts ? 'c' : '-', own ? 'o' : '-', answer.network ? 'n' : '-'};
    text += name ? name : "a system call";
    text += '\0';
    text += answer.path;
    std::free(name);
    ::send(line_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  static constexpr const char* open_devices[] = {"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
                                                 "/dev/urandom", "/dev/tty",  "/dev/ptmx", "/dev/kfd"};
  int line_;
  pid_t program_;
  const std::optional<User>& view_;
  Fd listener_;
  bool forbids_attributes_ = false, network_ = false;
  std::string scratch_;
};

}  // namespace

void watch(int line, pid_t program, const std::optional<User>& view) {
  Watcher(line, program, view).serve();
}

}  // namespace agent::wall
