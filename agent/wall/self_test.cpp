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

#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>

namespace agent::wall {

namespace {

/// What the attempts aim at: all of it may be changed by whoever runs the test, so that only the wall stands between.
class Scene {
 public:
  explicit Scene(const Path& playground) {
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
    listen();
    ::mkfifo(at("pipe-of-a-daemon").c_str(), 0666);
    pipe_ = ::open(at("pipe-of-a-daemon").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    sleeper_ = ::fork();
    if (sleeper_ == 0)
      for (;;) ::pause();
  }
  ~Scene() {
    if (sleeper_ > 0) {
      ::kill(sleeper_, SIGKILL);
      ::waitpid(sleeper_, nullptr, 0);
    }
    if (daemon_ >= 0) ::close(daemon_);
    if (pipe_ >= 0) ::close(pipe_);
    std::error_code ignored;
    std::filesystem::remove_all(root_.string(), ignored);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  std::string at(const char* name) const { return (root_ / name).string(); }
  pid_t sleeper() const { return sleeper_; }

 private:
  void listen() {
    daemon_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    at("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    static_cast<void>(::bind(daemon_, reinterpret_cast<sockaddr*>(&address), sizeof address));
    ::listen(daemon_, 8);
    ::chmod(at("socket").c_str(), 0777);
  }
  Path root_;
  int daemon_ = -1, pipe_ = -1;
  pid_t sleeper_ = -1;
};

using Try = std::function<bool(const Scene&)>;
struct Way {
  const char* name;
  Try does;
};

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

std::vector<Way> all_ways() {
  std::vector<Way> all;
  for (auto* group : {on_contents, on_the_tree, on_attributes, on_processes, on_the_kernel})
    for (Way& way : group()) all.push_back(std::move(way));
  return all;
}

constexpr int did_it = 1, no_wall = 2, held = 3;

// The child's answer is its exit code, and what it has to say goes through a pipe that was there before the wall.
[[noreturn]] void attempt(const Way& way, const Scene& scene, const Request& request, int line) {
  const auto say = [&](const std::string& text) {
    [[maybe_unused]] const auto sent = ::write(line, text.data(), text.size());
  };
  Request inside = request;
  inside.keep.push_back(line);
  try {
    build(inside);
  } catch (const Error& error) {
    say(error.message());
    ::_exit(no_wall);
  }
  errno = 0;
  if (way.does(scene)) ::_exit(did_it);
  say(std::strerror(errno));
  ::_exit(held);
}

std::string all_of(int fd) {
  std::string text;
  char piece[512];
  for (ssize_t got; (got = ::read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
  return text;
}

Attempt outcome_of(const Way& way, const Scene& scene, const Request& request) {
  int line[2];
  if (::pipe2(line, O_CLOEXEC) != 0) throw Error("the self-test has no pipe");
  const pid_t child = ::fork();
  if (child == 0) attempt(way, scene, request, line[1]);
  ::close(line[1]);
  const std::string said = all_of(line[0]);
  ::close(line[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == no_wall) throw Error(said);
  if (WIFSIGNALED(status)) return {way.name, true, "killed by signal " + std::to_string(WTERMSIG(status))};
  return {way.name, WEXITSTATUS(status) == held, said};
}

}  // namespace

// What kind of wall it is can only be told from inside.
Wall probe(const Request& request) {
  int line[2];
  if (::pipe2(line, O_CLOEXEC) != 0) throw Error("the self-test has no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    Request inside = request;
    inside.keep.push_back(line[1]);
    std::string text;
    try {
      const Wall built = build(inside);
      text = std::string(name_of(built.tier)) + "\n" + built.scratch.string() + "\n";
      for (const std::string& gap : built.gaps) text += gap + "\n";
    } catch (const Error& error) {
      text = "!" + error.message();
    }
    [[maybe_unused]] const auto sent = ::write(line[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(line[1]);
  const std::string said = all_of(line[0]);
  ::close(line[0]);
  ::waitpid(child, nullptr, 0);
  if (said.starts_with('!')) throw Error(said.substr(1));
  Wall wall;
  Strings lines;
  for (std::size_t at = 0, end; (end = said.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(said.substr(at, end - at));
  if (lines.size() < 2) throw Error("the wall fell while it was built");
  wall.tier = tier_named(lines[0]).value_or(Tier::none);
  wall.scratch = lines[1];
  wall.gaps.assign(lines.begin() + 2, lines.end());
  return wall;
}

bool SelfTest::holds() const {
  return std::all_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.blocked; });
}

SelfTest self_test(const Request& request, const Path& playground) {
  const Scratch scratch;
  Request inside = request;
  inside.scratch = scratch.path();
  SelfTest test{probe(inside), {}};
  for (const Way& way : all_ways()) {
    const Scene scene(playground);
    test.attempts.push_back(outcome_of(way, scene, inside));
  }
  return test;
}

}  // namespace agent::wall
