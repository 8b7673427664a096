#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/capped_text.hpp>
#include <agent/host/launch.hpp>
#include <agent/host/new_process.hpp>
#include <agent/host/process.hpp>
#include <agent/host/process_tree.hpp>
#include <agent/host/system_failure.hpp>

namespace agent {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Pipe {
  Fd read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot make a pipe: " + reason_of(errno));
  return {Fd(ends[0]), Fd(ends[1])};
}

void set_nonblocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/// Cuts a stream into lines; a carriage return ends one too, as progress bars use it.
class Lines {
 public:
  explicit Lines(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

  void append(std::string_view more) {
    if (!take_) return;
    for (const char c : more) {
      if (c != '\n' && c != '\r' && line_.size() < longest) line_ += c;
      if (c == '\n' || c == '\r' || line_.size() == longest) finish();
    }
  }
  void finish() {
    if (!line_.empty()) take_(line_);
    line_.clear();
  }

 private:
  static constexpr std::size_t longest = std::size_t{64} << 10;
  std::function<void(std::string_view)> take_;
  std::string line_;
};

/// One stream of a running command.
struct Stream {
  Fd fd;
  CappedText text;
  Lines lines;
  bool kept = true;

  /// Reads what is there; closes it at its end. False when there was nothing.
  bool read() {
    std::array<char, 65536> buffer;
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size < 0) return errno == EINTR;
    if (size == 0) {
      fd.reset();
      return false;
    }
    const std::string_view more(buffer.data(), static_cast<std::size_t>(size));
    if (kept) text.append(more);
    lines.append(more);
    return true;
  }
};

Fd open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#else
  return Fd();
#endif
}

int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/// A command while it runs: its streams, its deadline.
class Running {
 public:
  explicit Running(const Command& command) : command_(command), started_(Clock::now()), start_time_(start_time_now()) {}

  Finished finish() {
    if (!start()) return std::move(result_);
    while (!has_ended(pid_)) {
      if (is_late()) {
        result_.timed_out = true;
        end_group();
        break;
      }
      wait_for_news();
    }
    drain();
    reap();
    return std::move(result_);
  }

 private:
  bool start() {
    Pipe out = make_pipe(), err = make_pipe();
    Pipe in = command_.input ? make_pipe() : Pipe{};
    Pipe status = command_.status ? make_pipe() : Pipe{};
    const Launched launched = launch(command_, {in.read.get(), out.write.get(), err.write.get(), status.write.get()});
    if (!launched.missing.empty()) {
      result_.output.rc = 127;
      result_.output.err = launched.missing;
      return false;
    }
    pid_ = launched.pid;
    pidfd_ = open_pidfd(pid_);
    streams_[0].fd = std::move(out.read);
    streams_[1].fd = std::move(err.read);
    streams_[2].fd = std::move(status.read);
    for (auto& stream : streams_)
      if (stream.fd) set_nonblocking(stream.fd.get());
    input_ = std::move(in.write);
    if (input_) set_nonblocking(input_.get());
    return true;
  }

  bool is_late() const { return command_.deadline.count() > 0 && Clock::now() - started_ >= command_.deadline; }

  int patience() const {
    milliseconds rest{-1};
    if (command_.deadline.count() > 0)
      rest = std::max(milliseconds(0), std::chrono::ceil<milliseconds>(started_ + command_.deadline - Clock::now()));
    if (!pidfd_ && (rest.count() < 0 || rest > milliseconds(20))) rest = milliseconds(20);  // an old kernel: look often
    return static_cast<int>(std::min<std::int64_t>(rest.count(), 3'600'000));
  }

  void wait_for_news() {
    std::array<pollfd, 5> ears{};
    for (std::size_t i = 0; i < streams_.size(); ++i) ears[i] = {streams_[i].fd.get(), POLLIN, 0};
    ears[3] = {input_.get(), POLLOUT, 0};
    ears[4] = {pidfd_.get(), POLLIN, 0};
    if (::poll(ears.data(), ears.size(), patience()) <= 0) return;
    for (std::size_t i = 0; i < streams_.size(); ++i)
      if (ears[i].revents != 0) streams_[i].read();
    if (ears[3].revents != 0) feed();
  }

  void feed() {
    const std::string& text = *command_.input;
    if (fed_ < text.size()) {
      const ssize_t size = ::write(input_.get(), text.data() + fed_, text.size() - fed_);
      if (size > 0) fed_ += static_cast<std::size_t>(size);
      if (size < 0 && errno != EAGAIN && errno != EINTR) fed_ = text.size();  // it does not want the rest
    }
    if (fed_ == text.size()) input_.reset();
  }

  /// What was written before the end is still in the pipes; what a process in the background may write is not waited
  /// for.
  void drain() {
    for (auto& stream : streams_) {
      for (std::size_t rounds = 0; stream.fd && rounds < 1024 && stream.read(); ++rounds) {
      }
      stream.lines.finish();
    }
  }

  void end_group() {
    ProcessTree tree(pid_, start_time_);
    tree.signal(SIGTERM);
    const auto until = Clock::now() + command_.grace;
    while (!has_ended(pid_) && Clock::now() < until) {
      std::array<pollfd, 4> ears{};
      for (std::size_t i = 0; i < streams_.size(); ++i) ears[i] = {streams_[i].fd.get(), POLLIN, 0};
      ears[3] = {pidfd_.get(), POLLIN, 0};
      const auto rest = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
      ::poll(ears.data(), ears.size(), static_cast<int>(std::min<std::int64_t>(rest, pidfd_ ? rest : 20)));
      for (std::size_t i = 0; i < streams_.size(); ++i)
        if (ears[i].revents != 0) streams_[i].read();
    }
    tree.signal(SIGKILL);
  }

  void reap() {
    if (command_.leaves_nothing) ::kill(-pid_, SIGKILL);  // its group, before the number may be another's
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (command_.leaves_nothing && adopts_orphans()) end_orphans();
    result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result_.output.rc = exit_code(status);
    result_.output.out = streams_[0].text.text();
    result_.output.err = streams_[1].text.text();
    result_.output.truncated = streams_[0].text.truncated() || streams_[1].text.truncated();
  }

  /// Looking through all processes costs milliseconds, so first: is there anybody? Mostly the kernel knows of none.
  void end_orphans() {
    siginfo_t any{};
    if (::waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) == 0) ProcessTree(-1, start_time_).signal(SIGKILL);
  }

  const Command& command_;
  Clock::time_point started_;
  unsigned long long start_time_;  // the same, as the kernel tells it of processes
  pid_t pid_ = -1;
  Fd pidfd_, input_;
  std::size_t fed_ = 0;
  std::array<Stream, 3> streams_{Stream{{}, CappedText{}, Lines(command_.line)},
                                 Stream{{}, CappedText{}, Lines(command_.line)},
                                 Stream{{}, CappedText{}, Lines(command_.status), false}};
  Finished result_;
};

/// A pipe whose reader is gone must be an error of the write, not the end of us.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec now{};
    if (!sigismember(&before_, SIGPIPE)) ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

}  // namespace

Finished run(const Command& command) {
  const NoPipeSignal guard;
  return Running(command).finish();
}

namespace {

struct Channel {
  Fd ours, theirs;
};

Channel make_channel(const std::string& whom) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error("cannot make a channel for " + whom + ": " + reason_of(errno));
  return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

Child spawn(const Command& command, bool own_err) {
  Channel channel = make_channel("'" + command.argv.at(0) + "'");
  Child child;
  child.channel = std::move(channel.ours);
  const int theirs = channel.theirs.get();
  Pipe err = own_err ? make_pipe() : Pipe{};
  Command lasting = command;
  lasting.when_we_die = 0;  // the kernel means the thread that starts it, which may end long before we do
  const Launched launched = launch(lasting, {theirs, theirs, own_err ? err.write.get() : STDERR_FILENO, -1});
  if (!launched.missing.empty()) throw Error(launched.missing);
  child.pid = launched.pid;
  child.err = std::move(err.read);
  return child;
}

Child split_off(int (*work)()) {
  Channel channel = make_channel("a child");
  Pipe err = make_pipe();
  const pid_t pid = ::fork();
  if (pid < 0) throw Error("no further process can be made: " + reason_of(errno));
  if (pid == 0) {
    ::setsid();
    new_process::restore_signals();
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(channel.theirs.get(), fd);
    ::dup2(err.write.get(), STDERR_FILENO);
    new_process::close_from(3);
    ::_exit(work());
  }
  return {pid, std::move(channel.ours), std::move(err.read)};
}

std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds limit) {
  const Fd pidfd = open_pidfd(pid);
  const auto until = Clock::now() + limit;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, limit.count() < 0 ? 0 : WNOHANG);
    if (ended == pid) return exit_code(status);
    if (ended < 0 && errno != EINTR) return 255;  // not a child of ours any more
    if (limit.count() >= 0 && Clock::now() >= until) return std::nullopt;
    pollfd ear{pidfd.get(), POLLIN, 0};
    const auto rest = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    ::poll(&ear, 1, static_cast<int>(std::min<std::int64_t>(rest, pidfd ? rest : 20)));
  }
}

int end(pid_t pid, std::chrono::milliseconds grace, unsigned long long since) {
  ProcessTree tree(pid, since);
  tree.signal(SIGTERM);
  if (const auto code = wait_for(pid, grace)) {
    tree.signal(SIGKILL);
    return *code;
  }
  tree.signal(SIGKILL);
  return *wait_for(pid, milliseconds(-1));
}

}  // namespace agent
