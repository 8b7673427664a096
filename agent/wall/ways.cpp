#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wall/ways.hpp>

namespace agent::wall {

namespace {

bool opens(const std::string& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC, 0600) >= 0;
}

// What a kernel does not know fails with ENOSYS, which is as good as forbidden.
template <typename... Arguments>
bool calls(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) >= 0;
}

bool reaches(int family, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd >= 0 && ::connect(fd, address, size) == 0;
}

// A connection to whoever listens there, or a datagram sent without one.
bool reaches_over_network(const Scene& scene) {
  return reaches(AF_INET, reinterpret_cast<const sockaddr*>(&scene.server()), sizeof scene.server());
}

bool sends_over_network(const Scene& scene, bool as_message) {
  sockaddr_in to = scene.receiver();
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char text[] = "x";
  iovec part{text, 1};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd < 0) return false;
  return as_message ? ::sendmsg(fd, &message, 0) == 1
                    : ::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1;
}

// An address for the loopback interface, as `ip address add` asks for it.
bool adds_an_address() {
  struct {
    nlmsghdr header;
    ifaddrmsg address;
    rtattr local;
    unsigned char bytes[4];
  } request{};
  request.header = {sizeof request, RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, 1, 0};
  request.address.ifa_family = AF_INET;
  request.address.ifa_prefixlen = 32;
  request.address.ifa_index = 1;
  request.local = {sizeof(rtattr) + 4, IFA_LOCAL};
  constexpr unsigned char of_nobody[4] = {127, 77, 77, 77};
  std::memcpy(request.bytes, of_nobody, sizeof of_nobody);
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  char answer[512];
  if (fd < 0 || ::send(fd, &request, sizeof request, 0) < 0) return false;
  const ssize_t got = ::recv(fd, answer, sizeof answer, 0);
  nlmsgerr said{};
  if (got < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof said)) return false;
  std::memcpy(&said, answer + NLMSG_HDRLEN, sizeof said);
  errno = -said.error;
  return said.error == 0;
}

int listen_on_network(int type, sockaddr_in& address) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  static_cast<void>(::bind(fd, reinterpret_cast<sockaddr*>(&address), size));
  static_cast<void>(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size));
  return fd;
}

std::vector<Way> on_contents() {
  return {
      {"write a file", [](const Scene& s) { return opens(s.at("file"), O_WRONLY); }},
      {"append to a file", [](const Scene& s) { return opens(s.at("file"), O_WRONLY | O_APPEND); }},
      {"open for reading and writing", [](const Scene& s) { return opens(s.at("file"), O_RDWR); }},
      {"create a file", [](const Scene& s) { return opens(s.at("new"), O_WRONLY | O_CREAT); }},
      {"create a nameless file", [](const Scene& s) { return opens(s.at("directory"), O_WRONLY | O_TMPFILE); }},
      {"cut a file by its path", [](const Scene& s) { return ::truncate(s.at("file").c_str(), 0) == 0; }},
      {"cut a file by opening it", [](const Scene& s) { return opens(s.at("file"), O_RDONLY | O_TRUNC); }},
      {"write through a link", [](const Scene& s) { return opens(s.at("link"), O_WRONLY); }},
      {"write through /proc/self/fd",
       [](const Scene& s) {
         const int fd = ::open(s.at("file").c_str(), O_RDONLY | O_CLOEXEC);
         return fd >= 0 && opens("/proc/self/fd/" + std::to_string(fd), O_WRONLY);
       }},
      {"write a shared memory map",
       [](const Scene& s) {
         const int fd = ::open(s.at("file").c_str(), O_RDONLY | O_CLOEXEC);
         return fd >= 0 && ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
       }},
      {"copy within the kernel",
       [](const Scene& s) {
         const int from = ::open(s.at("other").c_str(), O_RDONLY | O_CLOEXEC);
         const int to = ::open(s.at("file").c_str(), O_WRONLY | O_CLOEXEC);
         return calls(SYS_copy_file_range, from, nullptr, to, nullptr, 3, 0);
       }},
      {"write to a disk", [](const Scene&) { return opens("/dev/vda", O_WRONLY) || opens("/dev/sda", O_WRONLY); }},
      {"write memory of the kernel",
       [](const Scene&) { return opens("/dev/mem", O_RDWR) || opens("/dev/kmsg", O_WRONLY); }},
  };
}

std::vector<Way> on_the_tree() {
  return {
      {"make a directory", [](const Scene& s) { return ::mkdir(s.at("made").c_str(), 0700) == 0; }},
      {"remove a directory", [](const Scene& s) { return ::rmdir(s.at("directory").c_str()) == 0; }},
      {"remove a file", [](const Scene& s) { return ::unlink(s.at("victim").c_str()) == 0; }},
      {"rename a file", [](const Scene& s) { return ::rename(s.at("other").c_str(), s.at("moved").c_str()) == 0; }},
      {"exchange two files",
       [](const Scene& s) {
         return ::renameat2(AT_FDCWD, s.at("file").c_str(), AT_FDCWD, s.at("other").c_str(), RENAME_EXCHANGE) == 0;
       }},
      {"make a hard link", [](const Scene& s) { return ::link(s.at("file").c_str(), s.at("hard").c_str()) == 0; }},
      {"make a link", [](const Scene& s) { return ::symlink("file", s.at("soft").c_str()) == 0; }},
      {"make a named pipe", [](const Scene& s) { return ::mkfifo(s.at("pipe").c_str(), 0600) == 0; }},
      {"make a device", [](const Scene& s) { return ::mknod(s.at("device").c_str(), S_IFCHR | 0600, 0x103) == 0; }},
  };
}

std::vector<Way> on_attributes() {
  static constexpr timespec long_ago[2] = {{1, 0}, {1, 0}};
  return {
      {"change a mode", [](const Scene& s) { return ::chmod(s.at("file").c_str(), 0600) == 0; }},
      {"change a mode by descriptor",
       [](const Scene& s) {
         const int fd = ::open(s.at("file").c_str(), O_RDONLY | O_CLOEXEC);
         return fd >= 0 && ::fchmod(fd, 0600) == 0;
       }},
      {"change an owner", [](const Scene& s) { return ::chown(s.at("file").c_str(), ::getuid(), ::getgid()) == 0; }},
      {"change the owner of a link",
       [](const Scene& s) { return ::lchown(s.at("link").c_str(), ::getuid(), ::getgid()) == 0; }},
      {"change a time", [](const Scene& s) { return ::utimensat(AT_FDCWD, s.at("file").c_str(), long_ago, 0) == 0; }},
      {"change a time to now", [](const Scene& s) { return ::utimes(s.at("file").c_str(), nullptr) == 0; }},
      {"set an extended attribute",
       [](const Scene& s) { return ::setxattr(s.at("file").c_str(), "user.wall", "x", 1, 0) == 0; }},
      {"set a file's flags",
       [](const Scene& s) {
         const int fd = ::open(s.at("file").c_str(), O_RDONLY | O_CLOEXEC);
         int flags = 0;
         return fd >= 0 && ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
       }},
  };
}

std::vector<Way> on_processes() {
  return {
      {"talk to a daemon by its socket",
       [](const Scene& s) {
         sockaddr_un address{};
         address.sun_family = AF_UNIX;
         s.at("socket").copy(address.sun_path, sizeof address.sun_path - 1);
         return reaches(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
       }},
      {"talk to a daemon without a connection",
       [](const Scene& s) {
         sockaddr_un address{};
         address.sun_family = AF_UNIX;
         s.at("mailbox").copy(address.sun_path, sizeof address.sun_path - 1);
         int ends[2];
         return ::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0 &&
                ::sendto(ends[0], "x", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address) == 1;
       }},
      {"talk to a program over the network", reaches_over_network},
      {"send a datagram over the network", [](const Scene& s) { return sends_over_network(s, false); }},
      {"send it as a message", [](const Scene& s) { return sends_over_network(s, true); }},
      {"give the network an address", [](const Scene&) { return adds_an_address(); }},
      {"send raw packets", [](const Scene&) { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0; }},
      {"talk to the hypervisor", [](const Scene&) { return ::socket(40 /* AF_VSOCK */, SOCK_STREAM, 0) >= 0; }},
      {"end another process", [](const Scene& s) { return ::kill(s.sleeper(), SIGTERM) == 0; }},
      {"end it by descriptor",
       [](const Scene& s) {
         const long fd = ::syscall(SYS_pidfd_open, s.sleeper(), 0);
         return fd >= 0 && calls(SYS_pidfd_send_signal, fd, SIGTERM, nullptr, 0);
       }},
      {"trace another process", [](const Scene& s) { return ::ptrace(PTRACE_ATTACH, s.sleeper(), 0, 0) == 0; }},
      {"write another's memory",
       [](const Scene& s) { return opens("/proc/" + std::to_string(s.sleeper()) + "/mem", O_RDWR); }},
      {"limit another process",
       [](const Scene& s) {
         const rlimit limit{64, 64};
         return ::prlimit(s.sleeper(), RLIMIT_NOFILE, &limit, nullptr) == 0;
       }},
      {"slow another process",
       [](const Scene& s) { return ::setpriority(PRIO_PROCESS, static_cast<id_t>(s.sleeper()), 19) == 0; }},
      {"slow all processes of a user", [](const Scene&) { return ::setpriority(PRIO_USER, 0, 19) == 0; }},
      {"pin another process",
       [](const Scene& s) {
         cpu_set_t first;
         CPU_ZERO(&first);
         CPU_SET(0, &first);
         return ::sched_setaffinity(s.sleeper(), sizeof first, &first) == 0;
       }},
      {"write to a daemon's named pipe",
       [](const Scene& s) { return opens(s.at("pipe-of-a-daemon"), O_WRONLY | O_NONBLOCK); }},
      {"make memory that others find",
       [](const Scene&) {
         const int id = ::shmget(0x77a11, 4096, IPC_CREAT | 0600);
         return id >= 0 && ::shm_open("/agent-wall", O_CREAT | O_RDWR, 0600) >= 0;
       }},
  };
}

std::vector<Way> on_the_kernel() {
  return {
      {"change a kernel setting", [](const Scene&) { return opens("/proc/sys/kernel/hostname", O_WRONLY); }},
      {"change a device setting",
       [](const Scene&) { return opens("/sys/kernel/mm/transparent_hugepage/enabled", O_WRONLY); }},
      {"mount a file system",
       [](const Scene& s) { return ::syscall(SYS_mount, "x", s.at("directory").c_str(), "tmpfs", 0, nullptr) == 0; }},
      {"make a mount writable",
       [](const Scene&) { return ::syscall(SYS_mount, nullptr, "/", nullptr, 0x1020, nullptr) == 0; }},
      {"unmount", [](const Scene&) { return ::syscall(SYS_umount2, "/proc", 2) == 0; }},
      {"make a mount by descriptor", [](const Scene&) { return calls(430 /* fsopen */, "tmpfs", 0); }},
      {"copy a mount", [](const Scene&) { return calls(428 /* open_tree */, AT_FDCWD, "/", 1); }},
      {"change the root", [](const Scene& s) { return ::chroot(s.at("directory").c_str()) == 0; }},
      {"make a user namespace", [](const Scene&) { return ::unshare(CLONE_NEWUSER) == 0; }},
      {"make a namespace by starting a process",
       [](const Scene&) {
         const long child = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
         if (child == 0) ::_exit(0);
         return child > 0;
       }},
      {"enter another namespace",
       [](const Scene& s) {
         const int fd = ::open(("/proc/" + std::to_string(s.sleeper()) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC);
         return fd >= 0 && ::setns(fd, 0) == 0;
       }},
      {"open a ring (io_uring)",
       [](const Scene&) {
         char parameters[120] = {};
         return calls(425, 4, parameters);
       }},
      {"load a program into the kernel (bpf)",
       [](const Scene&) {
         char attributes[128] = {};
         return calls(SYS_bpf, 0, attributes, sizeof attributes);
       }},
      {"load a module",
       [](const Scene&) {
         char image[4] = {};
         return calls(SYS_init_module, image, sizeof image, "");
       }},
      {"set the clock",
       [](const Scene&) {
         timespec now{};
         ::clock_gettime(CLOCK_REALTIME, &now);
         return ::clock_settime(CLOCK_REALTIME, &now) == 0;
       }},
      {"steer the clock",
       [](const Scene&) {
         timex change{};
         change.modes = ADJ_SETOFFSET;
         return ::adjtimex(&change) >= 0;
       }},
      {"rename the machine",
       [](const Scene&) {
         char name[65] = {};
         ::gethostname(name, 64);
         return ::sethostname(name, std::strlen(name)) == 0;
       }},
      {"keep a key", [](const Scene&) { return calls(SYS_add_key, "user", "agent-wall", "x", 1, -4); }},
      {"clear the kernel's log", [](const Scene&) { return ::klogctl(5, nullptr, 0) >= 0; }},
      {"open a file by its handle",
       [](const Scene& s) {
         // A handle is a header of two numbers and room for what the file system writes.
         alignas(file_handle) char room[sizeof(file_handle) + 128] = {};
         auto* handle = reinterpret_cast<file_handle*>(room);
         handle->handle_bytes = 128;
         int mount = 0;
         return ::name_to_handle_at(AT_FDCWD, s.at("file").c_str(), handle, &mount, 0) == 0;
       }},
      {"type into a terminal",
       [](const Scene&) {
         char letter = 'x';
         return ::ioctl(0, TIOCSTI, &letter) == 0;
       }},
      {"regain root", [](const Scene&) { return ::getuid() != 0 && ::setuid(0) == 0; }},
      {"turn swap off", [](const Scene&) { return calls(SYS_swapoff, "/nowhere-agent-wall") || errno == ENOENT; }},
  };
}

}  // namespace

Scene::Scene(const Path& playground) {
  std::string name = (playground / "agent-wall-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Error("no directory for the test can be made in '" + playground.string() + "'");
  root_ = name;
  for (const char* file : {"file", "other", "victim"}) {
    std::ofstream(at(file)) << "before\n";
    ::chmod(at(file).c_str(), 0666);
  }
  ::mkdir(at("directory").c_str(), 0777);
  ::chmod(name.c_str(), 0777);
  std::filesystem::create_symlink("file", at("link"));
  daemon_ = listen("socket", SOCK_STREAM);
  ::listen(daemon_, 8);
  mailbox_ = listen("mailbox", SOCK_DGRAM);
  ::mkfifo(at("pipe-of-a-daemon").c_str(), 0666);
  server_ = listen_on_network(SOCK_STREAM, server_address_);
  ::listen(server_, 8);
  receiver_ = listen_on_network(SOCK_DGRAM, receiver_address_);
  pipe_ = ::open(at("pipe-of-a-daemon").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  sleeper_ = ::fork();
  if (sleeper_ == 0)
    for (;;) ::pause();
}

Scene::~Scene() {
  if (sleeper_ > 0) {
    ::kill(sleeper_, SIGKILL);
    ::waitpid(sleeper_, nullptr, 0);
  }
  for (const int fd : {daemon_, mailbox_, pipe_, server_, receiver_})
    if (fd >= 0) ::close(fd);
  std::error_code ignored;
  std::filesystem::remove_all(root_.string(), ignored);
}

int Scene::listen(const char* name, int type) const {
  const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  at(name).copy(address.sun_path, sizeof address.sun_path - 1);
  static_cast<void>(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address));
  ::chmod(at(name).c_str(), 0777);
  return fd;
}

std::vector<Way> all_ways() {
  std::vector<Way> all;
  for (auto* group : {on_contents, on_the_tree, on_attributes, on_processes, on_the_kernel})
    for (Way& way : group()) all.push_back(std::move(way));
  return all;
}

}  // namespace agent::wall
