#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <agent/host/process_tree.hpp>
#include <agent/worker/worker_process.hpp>

namespace agent {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kept_output = 64u << 10;  // of the head and of the tail
constexpr milliseconds idle_end{200};           // a worker whose line is closed ends by itself

// The signals that end a process by a mistake of its own, or by the kernel. (sigabbrev_np needs glibc 2.32.)
std::string name_of_signal(int number) {
  switch (number) {
    case SIGABRT:
      return "SIGABRT (aborted)";
    case SIGBUS:
      return "SIGBUS (bus error)";
    case SIGFPE:
      return "SIGFPE (arithmetic error)";
    case SIGILL:
      return "SIGILL (illegal instruction)";
    case SIGKILL:
      return "SIGKILL (killed, perhaps because memory ran out)";
    case SIGPIPE:
      return "SIGPIPE (broken pipe)";
    case SIGSEGV:
      return "SIGSEGV (segmentation fault)";
    case SIGSYS:
      return "SIGSYS (forbidden system call)";
    case SIGTERM:
      return "SIGTERM (terminated)";
    case SIGTRAP:
      return "SIGTRAP (trap)";
    case SIGXCPU:
      return "SIGXCPU (processor time used up)";
    case SIGXFSZ:
      return "SIGXFSZ (file too large)";
    default:
      return "signal " + std::to_string(number);
  }
}

std::string in_words(milliseconds time) {
  if (time.count() % 1000 == 0) return std::to_string(time.count() / 1000) + " s";
  return std::to_string(time.count()) + " ms";
}

}  // namespace

WorkerProcess::WorkerProcess(Child started, std::size_t output_limit)
    : pid_(started.pid),
      output_(std::move(started.err)),
      printed_(kept_output, kept_output),
      output_limit_(output_limit) {
  const int line = started.channel.release();
  channel_ = Channel(line, line);
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
}

WorkerProcess::WorkerProcess(const Start& start) : WorkerProcess(spawn(start.command, true), start.output_limit) {
  if (!start.password) return;
  const std::string text = *start.password + "\n";
  // A program that is gone already says why by its exit; nobody is there to write to.
  if (::write(channel_.out(), text.data(), text.size()) < 0) read_output();
}

WorkerProcess::~WorkerProcess() {
  channel_.close();
  if (pid_ > 0 && wait_for(pid_, idle_end)) pid_ = -1;
  stop();
}

void WorkerProcess::stop() {
  // What earlier tasks left running is not this one's.
  if (pid_ > 0) end(pid_, milliseconds(2000), since_);
  pid_ = -1;
  channel_.close();
  output_ = Fd();
}

void WorkerProcess::read_output() {
  char chunk[65536];
  const ssize_t got = ::read(output_.get(), chunk, sizeof chunk);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    output_ = Fd();
    return;
  }
  printed_.append({chunk, static_cast<std::size_t>(got)});
  printed_size_ += static_cast<std::size_t>(got);
}

std::string WorkerProcess::take_output() {
  if (output_.get() >= 0) read_output();
  if (printed_size_ == 0) return "";
  printed_size_ = 0;
  return std::exchange(printed_, CappedText(kept_output, kept_output)).text();
}

void WorkerProcess::died() {
  const int code = pid_ > 0 ? wait_for(pid_, milliseconds(-1)).value_or(0) : 0;
  if (output_.get() >= 0) read_output();
  stop();
  pid_ = -1;
  if (code > 128)
    throw Error(subject_ + " crashed: " + name_of_signal(code - 128))
        .hint("this is a bug of the module; what it printed last is shown with -vv");
  throw Error(subject_ + " ended its process with exit code " + std::to_string(code))
      .hint("a module must return and never exit: this is a bug of the module");
}

std::optional<Value> WorkerProcess::answer(std::optional<Value> frame, const ProgressSink& progress) {
  if (!frame) return std::nullopt;
  const Value* step = frame->find("progress");
  if (!step) return frame;
  if (progress && (*step)["text"].is_string() && (*step)["fraction"].is_number())
    progress((*step)["text"].string(), (*step)["fraction"].real());
  return std::nullopt;
}

void WorkerProcess::wait_for_input(std::optional<Clock::time_point> until, milliseconds deadline) {
  int wait = -1;
  if (until) {
    const auto left = std::chrono::duration_cast<milliseconds>(*until - Clock::now()).count();
    if (left <= 0) {
      stop();
      throw Error("the task did not end within its timeout of " + in_words(deadline))
          .hint("its processes were stopped; 'timeout:' of the task sets the limit");
    }
    wait = static_cast<int>(std::min<std::int64_t>(left, 1 << 30));
  }
  pollfd fds[2] = {{channel_.in(), POLLIN, 0}, {output_.get(), POLLIN, 0}};
  if (::poll(fds, 2, wait) < 0 && errno != EINTR)
    throw Error(std::string("waiting for a worker failed: ") + std::strerror(errno));
  if (output_.get() >= 0 && fds[1].revents) read_output();
  if (output_limit_ > 0 && printed_size_ > output_limit_) {
    stop();
    throw Error(subject_ + " printed more than its limit of " + std::to_string(output_limit_ >> 20) + " MiB")
        .hint("its processes were stopped; the beginning and the end of what it printed are shown with -vv");
  }
}

Value WorkerProcess::exchange(const std::optional<Value>& message, milliseconds deadline, const ProgressSink& progress,
                              const std::string& subject) {
  subject_ = subject;
  since_ = start_time_now();
  try {
    if (message) channel_.send(*message);
  } catch (const Error&) {
    died();
  }
  std::optional<Clock::time_point> until;
  if (deadline.count() > 0) until = Clock::now() + deadline;
  for (;;) {
    while (auto frame = channel_.buffered())
      if (auto reply = answer(std::move(frame), progress)) return *reply;
    wait_for_input(until, deadline);
    pollfd ready{channel_.in(), POLLIN, 0};
    if (::poll(&ready, 1, 0) <= 0) continue;
    bool closed = false;
    try {
      if (auto reply = answer(channel_.receive_some(closed), progress)) return *reply;
    } catch (const Error& error) {
      stop();
      throw Error("the process of " + subject_ + " sent what is no message: " + error.message());
    }
    if (closed) died();
  }
}

}  // namespace agent
