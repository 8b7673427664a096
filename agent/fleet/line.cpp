#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/line.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

constexpr std::size_t header = 4;
/// So much is heard before it is confirmed: the other side keeps it until then.
constexpr std::uint64_t confirmed_messages = 32;
constexpr std::size_t confirmed_bytes = 256u << 10;
using Clock = std::chrono::steady_clock;
constexpr Clock::time_point at_once{};
constexpr Clock::time_point never = Clock::time_point::max();

Bytes framed(const Value& message) {
  const Bytes body = to_cbor(message);
  Bytes out(header);
  for (std::size_t i = 0; i < header; ++i) out[i] = static_cast<std::uint8_t>(body.size() >> (24 - 8 * i));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::uint64_t number_in(const Value& frame, const char* name) {
  const Value* found = frame.find(name);
  if (!found || !found->is_integer() || found->integer() < 0) throw Error("a frame has no number");
  return static_cast<std::uint64_t>(found->integer());
}

// A closed peer is an error of the call, not a signal; the programs that use this on pipes handle SIGPIPE.
ssize_t put(int fd, const std::uint8_t* data, std::size_t size) {
  const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
  return sent < 0 && errno == ENOTSOCK ? ::write(fd, data, size) : sent;
}

int milliseconds_until(Clock::time_point when) {
  if (when == never) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

void never_block(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

Line::Line(Ends ends, Ears ears, Limits limits)
    : ends_(std::move(ends)), ears_(std::move(ears)), limits_(limits), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { work(); });
}

Line::~Line() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake();
  thread_.join();
  ::close(wake_);
}

void Line::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(wake_, &one, sizeof one);
}

// With the lock held. What is due already needs no second wake.
void Line::make_due(Clock::time_point when) {
  if (when >= due_) return;
  due_ = when;
  wake();
}

void Line::say(const Value& message, Haste haste) {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [&] { return kept_bytes_ <= limits_.waiting || is_over_ || is_stopping_; });
  if (is_over_) return;
  Bytes frame = framed(Map{{"s", static_cast<std::int64_t>(last_said_ + 1)}, {"m", message}});
  if (frame.size() > limits_.frame)
    throw Error("a message of " + std::to_string(frame.size() >> 20) + " MiB is too large to be sent");
  kept_bytes_ += frame.size();
  kept_.push_back({++last_said_, std::move(frame)});
  make_due(haste == Haste::now ? at_once : Clock::now() + limits_.company);
}

bool Line::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (last_sent_ != last_said_) make_due(at_once);
  return moved_.wait_for(lock, patience,
                         [&] { return is_over_ || (last_sent_ == last_said_ && gone_ == going_.size()); });
}

void Line::work() {
  for (;;) {
    std::string why;
    if (!serve(why)) break;
    auto next = ears_.again ? ears_.again(why) : std::nullopt;
    const std::lock_guard lock(mutex_);
    if (!next || is_stopping_) {
      if (is_stopping_) break;
      is_over_ = true;
      moved_.notify_all();
      ears_.over(why);
      break;
    }
    ends_ = std::move(*next);
    restart();
  }
}

void Line::restart() {
  going_.clear();
  coming_.clear();
  gone_ = 0;
  says_have_ = waits_for_have_ = !ends_.is_first;
  if (ends_.is_first) last_sent_ = 0;
  due_ = at_once;
}

// True when the connection is gone; false when the line was stopped or is over.
bool Line::serve(std::string& why) {
  never_block(ends_.in);
  never_block(ends_.out);
  for (;;) {
    bool writes = false;
    int patience = -1;
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return false;
      if (gone_ == going_.size()) fill();
      writes = gone_ < going_.size();
      if (!writes && !waits_for_have_) patience = milliseconds_until(due_);
    }
    pollfd ears[4] = {
        {ends_.in, POLLIN, 0}, {wake_, POLLIN, 0}, {writes ? ends_.out : -1, POLLOUT, 0}, {ends_.aside, POLLIN, 0}};
    if (::poll(ears, 4, patience) < 0 && errno != EINTR) {
      why = std::strerror(errno);
      return true;
    }
    if (ears[1].revents) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake_, &count, sizeof count);
    }
    if (ears[3].revents) {
      const Aside said = ends_.on_aside();
      if (said == Aside::no_more) ends_.aside = -1;
      if (said == Aside::renew) return true;
    }
    if (ears[2].revents && !write_some(why)) return true;
    if (!ears[0].revents) continue;
    try {
      if (!read_some(why)) return true;
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return false;
      is_over_ = true;
      moved_.notify_all();
      ears_.over(std::string("what comes from there is no message: ") + error.what());
      return false;
    }
  }
}

// With the lock held: the next bytes that are to go.
void Line::fill() {
  going_.clear();
  gone_ = 0;
  const auto add = [&](const Bytes& frame) { going_.insert(going_.end(), frame.begin(), frame.end()); };
  if (std::exchange(says_have_, false)) add(framed(Map{{"have", static_cast<std::int64_t>(last_heard_)}}));
  if (last_heard_ - last_acknowledged_ >= confirmed_messages || unacknowledged_bytes_ >= confirmed_bytes) {
    add(framed(Map{{"a", static_cast<std::int64_t>(last_heard_)}}));
    last_acknowledged_ = last_heard_;
    unacknowledged_bytes_ = 0;
  }
  if (!waits_for_have_ && (due_ <= Clock::now() || kept_bytes_ > confirmed_bytes)) {
    due_ = never;
    for (const Said& said : kept_) {
      if (said.number <= last_sent_) continue;
      add(said.frame);
      last_sent_ = said.number;
      if (going_.size() <= confirmed_bytes) continue;
      due_ = at_once;
      break;
    }
  }
  moved_.notify_all();
}

bool Line::write_some(std::string& why) {
  const ssize_t sent = put(ends_.out, going_.data() + gone_, going_.size() - gone_);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (sent < 0) {
    why = "the link broke";
    return false;
  }
  const std::lock_guard lock(mutex_);
  gone_ += static_cast<std::size_t>(sent);
  if (gone_ == going_.size()) moved_.notify_all();
  return true;
}

bool Line::read_some(std::string& why) {
  std::uint8_t chunk[65536];
  const ssize_t got = ::read(ends_.in, chunk, sizeof chunk);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    why = "the link broke";
    return false;
  }
  heard_bytes_ += static_cast<std::size_t>(got);
  if (heard_bytes_ > limits_.heard)
    throw Error("it has sent more than " + std::to_string(limits_.heard >> 20) + " MiB");
  coming_.insert(coming_.end(), chunk, chunk + got);
  std::size_t at = 0;
  while (coming_.size() - at >= header) {
    const std::uint8_t* h = coming_.data() + at;
    const std::size_t size = std::size_t{h[0]} << 24 | std::size_t{h[1]} << 16 | std::size_t{h[2]} << 8 | h[3];
    if (size > limits_.frame) throw Error("one of " + std::to_string(size) + " bytes is announced");
    if (coming_.size() - at < header + size) break;
    take(from_cbor(h + header, size), size);
    at += header + size;
  }
  coming_.erase(coming_.begin(), coming_.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

void Line::take(const Value& frame, std::size_t size) {
  if (!frame.is_map()) throw Error("a frame is no mapping");
  const bool is_have = frame.find("have") != nullptr;
  if (is_have || frame.find("a")) {
    const std::uint64_t number = number_in(frame, is_have ? "have" : "a");
    const std::lock_guard lock(mutex_);
    if (number > last_said_) throw Error("what was never said is confirmed");
    while (!kept_.empty() && kept_.front().number <= number) {
      kept_bytes_ -= kept_.front().frame.size();
      kept_.pop_front();
    }
    if (is_have) {
      // What was on its way when the connection broke goes again.
      last_sent_ = number;
      waits_for_have_ = false;
      due_ = at_once;
    }
    moved_.notify_all();
    return;
  }
  const std::uint64_t number = number_in(frame, "s");
  const Value* message = frame.find("m");
  if (number <= last_heard_) return;
  if (!message || number != last_heard_ + 1) throw Error("a frame is missing");
  {
    const std::lock_guard lock(mutex_);
    last_heard_ = number;
    unacknowledged_bytes_ += size;
  }
  ears_.hear(*message);
}

}  // namespace agent::fleet
