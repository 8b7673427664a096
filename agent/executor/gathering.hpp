#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <agent/executor/coordinator.hpp>

namespace agent::executor {

/// Hosts that go through one play each at its own pace, and now and then wait for each other: at a task that one of
/// them does for all (`run_once`), and at one that only so many may be at (`throttle`). Nobody is waited for in a
/// thread: each is called back when its turn has come, maybe at once, and never after `forget` or `left`. Any thread
/// may call; what is called back must not call in turn.
class Gathering {
 public:
  /// The host is to do it for all; or how it ended where another has done it.
  using Once = std::function<void(const std::optional<TaskOutcome>& done)>;
  using Turn = std::function<void()>;

  explicit Gathering(std::size_t hosts) : seats_(hosts) {}

  /// The host has come to a place. Never goes back.
  void arrived(std::size_t host, const Position& place);
  /// The host is at a task with run_once. The first host of those that come there does it, when nobody else can come
  /// there any more. Whoever asks again, because its machine has rebooted, hears the same again. Throws Error for a
  /// place where the host cannot be.
  void wait_for_all(std::size_t host, const Position& place, Once call);
  /// It has done it, so that the others have done it as well. Of anybody else, or a second time, it is not heard.
  void has_done(std::size_t host, const Position& place, TaskOutcome outcome);
  /// The host waits until fewer than `most` have their turn.
  void wait_for_turn(std::size_t host, std::size_t most, Turn call);
  void turn_is_over(std::size_t host);
  /// It waits for nothing any more, but may come back: its machine reboots.
  void forget(std::size_t host);
  /// It is through, or lost. What it was to do for all counts as not to be had.
  void left(std::size_t host);

 private:
  struct Seat {
    Position place;
    bool is_gone = false;
  };
  struct Task {
    std::size_t doer = 0;
    std::optional<TaskOutcome> outcome;
  };
  void call_whoever_can_go();
  void call(std::size_t host, const std::optional<TaskOutcome>& done);
  bool nobody_comes_to(const Position& place) const;
  void hand_out_turns();
  void drop(std::size_t host);

  std::mutex mutex_;
  std::vector<Seat> seats_;
  std::map<Position, Task> tasks_;       // that somebody does, or has done
  std::map<std::size_t, Once> waiting_;  // hosts, each at its place, to hear how it was done
  struct Waiting {
    std::size_t host, most;
    Turn call;
  };
  std::deque<Waiting> queue_;
  std::set<std::size_t> turns_;  // of whom
};

}  // namespace agent::executor
