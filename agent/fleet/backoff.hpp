#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace agent::fleet {

/// Pauses between tries: each twice as long as the one before, up to a longest one. How much of it is waited is left to
/// chance, between half and all, so that a thousand hosts that were lost in one moment are not all tried in another.
class Backoff {
 public:
  using Pause = std::chrono::milliseconds;
  Backoff(Pause first, Pause longest) : next_(first), longest_(longest) {}

  Pause next() {
    const Pause whole = std::exchange(next_, std::min(next_ * 2, longest_));
    static thread_local std::minstd_rand chance(std::random_device{}());
    return whole / 2 + Pause(std::uniform_int_distribution<Pause::rep>(0, whole.count() / 2)(chance));
  }

 private:
  Pause next_, longest_;
};

}  // namespace agent::fleet
