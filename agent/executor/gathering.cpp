#include <algorithm>

#include <agent/executor/gathering.hpp>

namespace agent::executor {

void Gathering::arrived(std::size_t host, const Position& place) {
  const std::lock_guard lock(mutex_);
  if (place <= seats_[host].place) return;
  seats_[host].place = place;
  seats_[host].waits = nullptr;
  call_whoever_can_go();
}

void Gathering::wait_for_all(std::size_t host, const Position& place, Once call) {
  const std::lock_guard lock(mutex_);
  const auto known = tasks_.find(place);
  if (known != tasks_.end() && known->second.doer == host) return call(std::nullopt);
  if (known != tasks_.end() && known->second.outcome) return call(known->second.outcome);
  if (place != seats_[host].place) throw Error("it waits for the others where it is not");
  seats_[host].waits = std::move(call);
  tasks_[place];
  call_whoever_can_go();
}

// The last who may still come there decides who is the first.
void Gathering::call_whoever_can_go() {
  for (auto& [place, task] : tasks_) {
    if (!task.doer && !task.outcome) {
      const bool is_complete = std::all_of(seats_.begin(), seats_.end(), [&, at = &place](const Seat& seat) {
        return seat.is_gone || seat.place > *at || (seat.place == *at && seat.waits);
      });
      const auto first = std::find_if(seats_.begin(), seats_.end(), [at = &place](const Seat& seat) {
        return !seat.is_gone && seat.place == *at && seat.waits;
      });
      if (!is_complete || first == seats_.end()) continue;
      task.doer = static_cast<std::size_t>(first - seats_.begin());
      std::exchange(first->waits, nullptr)(std::nullopt);
    }
    if (!task.outcome) continue;
    for (Seat& seat : seats_)
      if (!seat.is_gone && seat.place == place && seat.waits) std::exchange(seat.waits, nullptr)(task.outcome);
  }
}

void Gathering::has_done(std::size_t host, const Position& place, TaskOutcome outcome) {
  const std::lock_guard lock(mutex_);
  const auto task = tasks_.find(place);
  if (task == tasks_.end() || task->second.doer != host || task->second.outcome) return;
  task->second.outcome = std::move(outcome);
  call_whoever_can_go();
}

void Gathering::wait_for_turn(std::size_t host, std::size_t most, Turn call) {
  const std::lock_guard lock(mutex_);
  drop(host);
  queue_.push_back({host, most, std::move(call)});
  hand_out_turns();
}

void Gathering::turn_is_over(std::size_t host) {
  const std::lock_guard lock(mutex_);
  drop(host);
  hand_out_turns();
}

void Gathering::drop(std::size_t host) {
  turns_.erase(host);
  std::erase_if(queue_, [&](const Waiting& one) { return one.host == host; });
}

void Gathering::hand_out_turns() {
  for (auto one = queue_.begin(); one != queue_.end();) {
    if (turns_.size() >= one->most) {
      ++one;
      continue;
    }
    turns_.insert(one->host);
    const Turn call = std::move(one->call);
    one = queue_.erase(one);
    call();
  }
}

void Gathering::forget(std::size_t host) {
  const std::lock_guard lock(mutex_);
  seats_[host].waits = nullptr;
  drop(host);
  hand_out_turns();
}

void Gathering::left(std::size_t host) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(seats_[host].is_gone, true)) return;
  seats_[host].waits = nullptr;
  drop(host);
  for (auto& [place, task] : tasks_) {
    if (task.doer != host || task.outcome) continue;
    const Error error("the host that was to do this for all of them is gone");
    task.outcome.emplace();
    task.outcome->status = Status::unreachable;
    task.outcome->result = Map{{"changed", false}, {"msg", error.message()}, {"unreachable", true}};
    task.outcome->error = error;
  }
  call_whoever_can_go();
  hand_out_turns();
}

}  // namespace agent::executor
