#include <algorithm>

#include <agent/executor/gathering.hpp>

namespace agent::executor {

void Gathering::arrived(std::size_t host, const Position& place) {
  const std::lock_guard lock(mutex_);
  if (place <= seats_[host].place) return;
  seats_[host].place = place;
  waiting_.erase(host);
  call_whoever_can_go();
}

void Gathering::wait_for_all(std::size_t host, const Position& place, Once call) {
  const std::lock_guard lock(mutex_);
  const auto known = tasks_.find(place);
  if (known != tasks_.end() && known->second.doer == host) return call(std::nullopt);
  if (known != tasks_.end() && known->second.outcome) return call(known->second.outcome);
  if (place != seats_[host].place) throw Error("it waits for the others where it is not");
  waiting_[host] = std::move(call);
  call_whoever_can_go();
}

void Gathering::call(std::size_t host, const std::optional<TaskOutcome>& done) {
  const Once waited = std::move(waiting_.at(host));
  waiting_.erase(host);
  waited(done);
}

// The last who may still come to a place decides who is the first there.
void Gathering::call_whoever_can_go() {
  std::map<Position, std::vector<std::size_t>> places;
  for (const auto& [host, waits] : waiting_) places[seats_[host].place].push_back(host);
  for (const auto& [place, hosts] : places) {
    const auto known = tasks_.find(place);
    if (known != tasks_.end() && known->second.outcome) {
      for (const std::size_t host : hosts) call(host, known->second.outcome);
    } else if (known == tasks_.end() && nobody_comes_to(place)) {
      tasks_[place].doer = hosts.front();
      call(hosts.front(), std::nullopt);
    }
  }
}

bool Gathering::nobody_comes_to(const Position& place) const {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const Seat& seat = seats_[i];
    if (!seat.is_gone && seat.place <= place && !(seat.place == place && waiting_.count(i) != 0)) return false;
  }
  return true;
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
  waiting_.erase(host);
  drop(host);
  hand_out_turns();
}

void Gathering::left(std::size_t host) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(seats_[host].is_gone, true)) return;
  waiting_.erase(host);
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
