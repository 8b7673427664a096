#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace agent::executor {

/// Who of so many hosts goes next: one after the other, and those in between that were put off, when their time has
/// come. So a host that is waited for takes up nobody's place meanwhile. For all threads.
class Departures {
 public:
  using Clock = std::chrono::steady_clock;
  Departures(std::size_t hosts, const std::atomic<bool>& interrupted) : hosts_(hosts), interrupted_(interrupted) {}

  /// Waits where all that are left are put off; nothing when nobody is left. Whoever puts one off asks again.
  std::optional<std::size_t> next();
  /// The same without waiting.
  std::optional<std::size_t> next_now();
  void put_off(std::size_t host, std::chrono::milliseconds pause);

 private:
  std::optional<std::size_t> take();

  std::size_t next_ = 0, hosts_;
  const std::atomic<bool>& interrupted_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::multimap<Clock::time_point, std::size_t> put_off_;
};

}  // namespace agent::executor
