#include <algorithm>

#include <agent/executor/departures.hpp>

namespace agent::executor {

std::optional<std::size_t> Departures::next() {
  // A person's wish to stop is not told to whoever waits.
  constexpr std::chrono::milliseconds longest{100};
  std::unique_lock lock(mutex_);
  for (;;) {
    if (const auto host = take()) return host;
    if (put_off_.empty()) return std::nullopt;
    moved_.wait_until(lock, std::min(put_off_.begin()->first, Clock::now() + longest));
  }
}

std::optional<std::size_t> Departures::next_now() {
  const std::lock_guard lock(mutex_);
  return take();
}

std::optional<std::size_t> Departures::take() {
  const auto first = put_off_.begin();
  if (first != put_off_.end() && (first->first <= Clock::now() || interrupted_)) {
    const std::size_t host = first->second;
    put_off_.erase(first);
    return host;
  }
  return next_ < hosts_ ? std::optional(next_++) : std::nullopt;
}

void Departures::put_off(std::size_t host, std::chrono::milliseconds pause) {
  const std::lock_guard lock(mutex_);
  put_off_.emplace(Clock::now() + pause, host);
  moved_.notify_all();
}

}  // namespace agent::executor
