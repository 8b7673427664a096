#include <algorithm>

#include <agent/executor/procession.hpp>

namespace agent::executor {
namespace {

bool is_failure(const Event& event) {
  const auto* result = std::get_if<event::TaskResult>(&event);
  return result && (result->status == Status::failed || result->status == Status::unreachable);
}

}  // namespace

void Procession::set_out(std::size_t host) {
  const std::lock_guard lock(mutex_);
  seats_[host].is_on_its_way = true;
}

void Procession::arrived(std::size_t host, const Position& place, std::optional<Event> banner) {
  const std::lock_guard lock(mutex_);
  Seat& seat = seats_[host];
  seat.place = std::max(seat.place, place);
  seat.banner = banner;
  Place& here = places_[seat.place];
  if (!here.banner) here.banner = std::move(banner);
  if (std::find(here.hosts.begin(), here.hosts.end(), hosts_[host]) == here.hosts.end())
    here.hosts.push_back(hosts_[host]);
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
  here.events.push_back(std::move(event));
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
  seats_[host].is_on_its_way = false;
  tell_where(host);
  tell();
}

std::optional<Event> Procession::banner_of(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  return seats_[host].banner;
}

void Procession::tell() {
  const Seat* last = nullptr;
  for (const Seat& seat : seats_)
    if (seat.is_on_its_way && (!last || seat.place < last->place)) last = &seat;
  while (!places_.empty()) {
    const auto first = places_.begin();
    if (last && last->place < first->first) return;
    show(first->first, first->second);
    // Whoever is still there may have more to say below the same banner.
    if (last && last->place == first->first) return;
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
  for (const Event& event : place.events) events_.on(event);
  place.events.clear();
}

}  // namespace agent::executor
