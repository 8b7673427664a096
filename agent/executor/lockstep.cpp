#include <algorithm>
#include <utility>

#include <agent/executor/lockstep.hpp>

namespace agent::executor {

Lockstep::Lockstep(Strings hosts, Limits limits, EventSink& events, const std::atomic<bool>& interrupted)
    : hosts_(std::move(hosts)),
      limits_(limits),
      events_(events),
      interrupted_(interrupted),
      seats_(hosts_.size()),
      busy_(hosts_.size()),
      slots_(std::max<std::size_t>(1, limits.forks)) {
  // Every host takes a slot when it is released and gives it back when it waits again: before the first task none has.
}

Turn Lockstep::arrive(std::size_t host, const Arrival& arrival) {
  std::unique_lock lock(mutex_);
  Seat& seat = seats_[host];
  if (seat.state == State::released) free_slot();
  seat.state = State::waiting;
  seat.arrival = arrival;
  --busy_;
  release_if_all_wait();
  seat.moved.wait(lock, [&] { return seat.has_slot; });
  seat.has_slot = false;
  return seat.turn;
}

void Lockstep::free_slot() {
  ++slots_;
  hand_out_slots();
  if (slots_ > 0) moved_.notify_all();
}

void Lockstep::hand_out_slots() {
  for (; slots_ > 0 && !ready_.empty(); --slots_, ready_.pop_front()) {
    seats_[ready_.front()].has_slot = true;
    seats_[ready_.front()].moved.notify_one();
  }
}

void Lockstep::release_if_all_wait() {
  if (busy_ > 0) return;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].state == State::waiting && (!first || seats_[i].arrival.position < seats_[*first].arrival.position))
      first = i;
  if (first) release(*first);
}

void Lockstep::release(std::size_t first) {
  shared_.reset();
  shared_error_ = nullptr;
  check_share_of_failures();
  std::vector<std::size_t> going;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    if (seat.state != State::waiting || seat.arrival.position != seats_[first].arrival.position) continue;
    seat.state = State::released;
    ++busy_;
    ready_.push_back(i);
    seat.fails_now = false;
    const bool is_doomed = std::exchange(seat.is_doomed, false);
    seat.turn = interrupted_ ? Turn::interrupted : seat.arrival.insists ? Turn::go : is_doomed ? Turn::fail : verdict_;
    if (seat.turn == Turn::go) going.push_back(i);
  }
  for (const std::size_t i : going) seats_[i].first = going.front();
  if (!going.empty())
    if (const Event* banner = seats_[going.front()].arrival.banner) announce(going, *banner);
  hand_out_slots();
}

void Lockstep::announce(const std::vector<std::size_t>& group, const Event& banner) {
  if (const auto* included = std::get_if<event::Included>(&banner)) {
    event::Included whole = *included;
    whole.hosts.clear();
    for (const std::size_t i : group) whole.hosts.push_back(hosts_[i]);
    events_.on(whole);
  } else {
    events_.on(banner);
  }
}

void Lockstep::check_share_of_failures() {
  if (!limits_.max_fail_percentage) return;
  const auto failures = std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.failed; });
  if (100.0 * static_cast<double>(failures) / static_cast<double>(seats_.size()) <= *limits_.max_fail_percentage)
    return;
  limits_.max_fail_percentage.reset();
  for (Seat& seat : seats_) seat.is_doomed = !seat.failed && !seat.fails_now;
  events_.on(event::Notice{"NO MORE HOSTS LEFT"});
}

TaskOutcome Lockstep::once(std::size_t host, const std::function<TaskOutcome()>& work, bool& is_first) {
  is_first = seats_[host].first == host;
  if (is_first) {
    TaskOutcome outcome;
    std::exception_ptr error;
    try {
      outcome = work();
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    shared_ = outcome;
    shared_error_ = error;
    moved_.notify_all();
    if (error) std::rethrow_exception(error);
    return outcome;
  }
  std::unique_lock lock(mutex_);
  // The slot is given back meanwhile: with few forks the first host needs it.
  free_slot();
  moved_.wait(lock, [&] { return shared_.has_value() && slots_ > 0; });
  --slots_;
  if (shared_error_) std::rethrow_exception(shared_error_);
  return *shared_;
}

TaskOutcome Lockstep::throttled(std::size_t most, const std::function<TaskOutcome()>& work) {
  {
    std::unique_lock lock(mutex_);
    free_slot();  // others may do what has no limit, or end, meanwhile
    moved_.wait(lock, [&] { return throttled_ < most && slots_ > 0; });
    --slots_;
    ++throttled_;
  }
  const auto leave = [this] {
    const std::lock_guard lock(mutex_);
    --throttled_;
    moved_.notify_all();
  };
  try {
    TaskOutcome outcome = work();
    leave();
    return outcome;
  } catch (...) {
    leave();
    throw;
  }
}

void Lockstep::failed(std::size_t host, Failure failure) {
  const std::lock_guard lock(mutex_);
  seats_[host].failed |= !failure.is_rescued;
  seats_[host].fails_now = true;
  seats_[host].is_doomed = false;
  if (!failure.is_fatal) return;
  // Who fails at this very task has its own failure to rescue, and not another's on top.
  for (Seat& seat : seats_) seat.is_doomed |= !seat.fails_now;
}

void Lockstep::end_play() {
  const std::lock_guard lock(mutex_);
  if (verdict_ == Turn::go) verdict_ = Turn::end;
}

void Lockstep::leave(std::size_t host) {
  const std::lock_guard lock(mutex_);
  if (seats_[host].state == State::released) free_slot();
  seats_[host].state = State::gone;
  --busy_;
  release_if_all_wait();
}

}  // namespace agent::executor
