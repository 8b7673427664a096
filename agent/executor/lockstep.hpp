#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <agent/executor/coordinator.hpp>

namespace agent::executor {

/// Several hosts of one batch, each in a thread of its own, in step: nobody begins a task while another host still may
/// do an earlier one, and at most `forks` work at the same time.
class Lockstep : public Coordinator {
 public:
  struct Limits {
    std::size_t forks = 32;
    /// More than this share of failed hosts stops the batch.
    std::optional<double> max_fail_percentage;
  };
  Lockstep(Strings hosts, Limits limits, EventSink& events, const std::atomic<bool>& interrupted);

  Turn arrive(std::size_t host, const Arrival& arrival) override;
  TaskOutcome once(std::size_t host, const std::function<TaskOutcome()>& work, bool& is_first) override;
  TaskOutcome throttled(std::size_t most, const std::function<TaskOutcome()>& work) override;
  void failed(std::size_t host, Failure failure) override;
  void end_play() override;
  void leave(std::size_t host) override;

 private:
  enum class State { working, waiting, released, gone };
  struct Seat {
    State state = State::working;
    Arrival arrival;
    Turn turn = Turn::go;
    bool failed = false;
    bool fails_now = false;  // since it was released last
    bool is_doomed = false;  // hears of another's failure when it is released next
    std::size_t first = 0;   // of the group it was released with
    bool has_slot = false;   // and was not told yet
    std::condition_variable moved;
  };
  void release_if_all_wait();
  void release(std::size_t first);
  void announce(const std::vector<std::size_t>& group, const Event& banner);
  void check_share_of_failures();
  /// One more may work: whoever was released first, else whoever waits for something else besides.
  void free_slot();
  void hand_out_slots();

  Strings hosts_;
  Limits limits_;
  EventSink& events_;
  const std::atomic<bool>& interrupted_;
  std::mutex mutex_;
  std::condition_variable moved_;  // of those who wait in the middle of a task; else each host has one of its own
  std::vector<Seat> seats_;
  std::size_t busy_;               // how many may still come to an earlier place: neither waiting nor gone
  std::deque<std::size_t> ready_;  // released, without a slot
  std::size_t slots_, throttled_ = 0;
  Turn verdict_ = Turn::go;  // for whoever is released from now on
  std::optional<TaskOutcome> shared_;
  std::exception_ptr shared_error_;
};

}  // namespace agent::executor
