#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <agent/fleet/link.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds last_words{500};

}  // namespace

Link::Link(const Command& command, Starter* starter) {
  Child child = starter ? starter->start(command) : spawn(command, true);
  pid_ = child.pid;
  line_ = std::move(child.channel);
  errors_ = std::move(child.err);
  ::fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
}

Link::~Link() {
  line_.reset();
  // The agent there ends when its line does; a link that hangs is not waited for.
  if (pid_ > 0 && !wait_for(pid_, seconds(5))) end(pid_, milliseconds(200));
}

void Link::read_errors() {
  char chunk[16384];
  const ssize_t got = ::read(errors_.get(), chunk, sizeof chunk);
  const std::lock_guard lock(mutex_);
  if (got > 0) printed_.append({chunk, static_cast<std::size_t>(got)});
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) errors_.reset();
}

std::string Link::printed() {
  // The line closes a moment before the reason arrives.
  const auto until = Clock::now() + last_words;
  while (errors_) {
    pollfd ear{errors_.get(), POLLIN, 0};
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
    if (left <= 0 || ::poll(&ear, 1, static_cast<int>(left)) <= 0) break;
    read_errors();
  }
  return printed_so_far();
}

std::string Link::printed_so_far() {
  const std::lock_guard lock(mutex_);
  return printed_.text();
}

// True when the line is ready for `events`, or closed.
bool Link::wait(short events, Clock::time_point until) {
  const int line = line_.get();
  for (;;) {
    int patience = -1;
    if (until != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
      if (left <= 0) return false;
      patience = static_cast<int>(std::min<std::int64_t>(left, 1 << 30));
    }
    pollfd ears[2] = {{line, events, 0}, {errors_.get(), POLLIN, 0}};
    if (::poll(ears, 2, patience) < 0 && errno != EINTR) return true;
    if (errors_ && ears[1].revents) read_errors();
    if (ears[0].revents) return true;
  }
}

std::optional<Said> Link::hear(Listening& listening, Clock::time_point until) {
  std::optional<Said> said;
  while (!said) {
    if (!wait(POLLIN, until)) {
      late_ = true;
      return std::nullopt;
    }
    // Looked at first: what follows the line are frames, and those are another's to read.
    char chunk[65536];
    const ssize_t seen = ::recv(line_.get(), chunk, sizeof chunk, MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (seen <= 0) return std::nullopt;
    const std::size_t taken = listening.take(chunk, static_cast<std::size_t>(seen), said);
    ::recv(line_.get(), chunk, taken, 0);
  }
  return said;
}

bool Link::put(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait(POLLOUT, Clock::now() + seconds(60))) return false;
    const ssize_t sent =
        ::send(line_.get(), bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 16), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Line::Ends Link::ends() {
  return {line_.get(), line_.get(), errors_.get(), [this] {
            read_errors();
            return errors_ ? Line::Aside::more : Line::Aside::no_more;
          }};
}

}  // namespace agent::fleet
