#include <algorithm>

#include <agent/executor/procession.hpp>

namespace agent::executor {
namespace {

/// Of one host in a play. Each costs a little memory until it is told, and a machine could go on for ever.
constexpr std::size_t most_arrivals = 500'000;

bool is_failure(const Event& event) {
  const auto* result = std::get_if<event::TaskResult>(&event);
  return result && (result->status == Status::failed || result->status == Status::unreachable);
}

}  // namespace

void Procession::set_out(std::size_t host) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(seats_[host].is_on_its_way, true)) return;
  ++taken_[seats_[host].place];
}

void Procession::leave_its_place(std::size_t host) {
  if (!std::exchange(seats_[host].is_on_its_way, false)) return;
  const auto at = taken_.find(seats_[host].place);
  if (--at->second == 0) taken_.erase(at);
}

void Procession::arrived(std::size_t host, const Position& place, std::optional<Event> banner) {
  const std::lock_guard lock(mutex_);
  Seat& seat = seats_[host];
  if (++seat.arrivals > most_arrivals) throw Error("it comes to more places than any play has");
  const bool is_first_here = seat.arrivals == 1 || place > seat.place;
  if (place > seat.place) {
    const bool is_on_its_way = seat.is_on_its_way;
    leave_its_place(host);
    seat.place = place;
    seat.is_on_its_way = is_on_its_way;
    if (is_on_its_way) ++taken_[place];
  }
  seat.banner = banner;
  Place& here = places_[seat.place];
  if (!here.banner) here.banner = std::move(banner);
  if (is_first_here) here.hosts.push_back(hosts_[host]);
  tell_where(host);
  tell();
}

// Of this moment, whatever is held back: for whoever watches.
void Procession::tell_where(std::size_t host) {
  if (hosts_.size() < 2) return;
  const auto* task = seats_[host].banner ? std::get_if<event::TaskStarted>(&*seats_[host].banner) : nullptr;
  if (task || !seats_[host].is_on_its_way)
    events_.on(event::Progress{hosts_[host], seats_[host].is_on_its_way ? task->task : "", "", -1});
}

void Procession::said(std::size_t host, Event event) {
  const std::lock_guard lock(mutex_);
  // Progress is of this moment or of no use.
  if (std::holds_alternative<event::Progress>(event)) return events_.on(event);
  const Position& at = seats_[host].place;
  Place& here = places_[at];
  if (!here.banner) here.banner = seats_[host].banner;
  if (is_failure(event)) return show_at_once(at, here, event);
  held_.hold(here.events, host, std::move(event));
  tell();
}

// Nobody should have to wait for a slow host to hear that another has failed.
void Procession::show_at_once(const Position& at, Place& place, const Event& event) {
  if (place.banner && shown_ != at && std::holds_alternative<event::TaskStarted>(*place.banner)) {
    events_.on(*place.banner);
    place.was_shown = true;
    shown_ = at;
  }
  events_.on(event);
}

void Procession::left(std::size_t host) {
  const std::lock_guard lock(mutex_);
  leave_its_place(host);
  tell_where(host);
  tell();
}

void Procession::set_aside(std::size_t host, const std::string& why) {
  const std::lock_guard lock(mutex_);
  leave_its_place(host);
  if (hosts_.size() > 1) events_.on(event::Progress{hosts_[host], "", why, -1});
  tell();
}

std::optional<Event> Procession::banner_of(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  return seats_[host].banner;
}

void Procession::tell() {
  while (!places_.empty()) {
    const auto first = places_.begin();
    const bool is_empty = taken_.empty();
    if (!is_empty && taken_.begin()->first < first->first) return;
    show(first->first, first->second);
    // Whoever is still there may have more to say below the same banner.
    if (!is_empty && taken_.begin()->first == first->first) return;
    places_.erase(first);
  }
}

void Procession::show(const Position& at, Place& place) {
  if (!place.was_shown || (shown_ != at && !place.events.empty())) {
    if (place.banner) {
      if (auto* included = std::get_if<event::Included>(&*place.banner)) {
        included->hosts = place.hosts;
        if (!place.was_shown) events_.on(*place.banner);
      } else {
        events_.on(*place.banner);
      }
    }
    place.was_shown = true;
    shown_ = at;
  }
  held_.tell(place.events, events_);
}

}  // namespace agent::executor
