#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <agent/executor/coordinator.hpp>
#include <agent/executor/held_events.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Hosts that go through one play each at its own pace, told in the order of the play: what a fast host says of a later
/// task is held back until every host that is on its way has come as far, so that the results of a task stand together
/// below its banner. A failure is told at once, below its banner; that stands there again when the others come. So it
/// does for a host that sets out later. Any thread may call.
class Procession {
 public:
  Procession(Strings hosts, EventSink& events)
      : hosts_(std::move(hosts)), seats_(hosts_.size()), events_(events), held_(hosts_.size()) {}

  /// The host sets out: from now on others are held back where it has not been.
  void set_out(std::size_t host);
  /// It has come to a place; the banner is said once for all that come there. Never goes back. Throws Error for a host
  /// that comes to more places than any play has.
  void arrived(std::size_t host, const Position& place, std::optional<Event> banner);
  /// It says something of where it is.
  void said(std::size_t host, Event event);
  /// Nothing is done with it for now, for the reason that is given: it keeps nobody back. It may set out again.
  void set_aside(std::size_t host, const std::string& why);
  /// It is through.
  void left(std::size_t host);
  /// The banner of the place where it is.
  std::optional<Event> banner_of(std::size_t host) const;

 private:
  struct Place {
    std::optional<Event> banner;
    Strings hosts;
    HeldEvents::Row events;
    bool was_shown = false;
  };
  struct Seat {
    bool is_on_its_way = false;
    Position place = {};
    std::optional<Event> banner = std::nullopt;
    std::size_t arrivals = 0;
  };
  void leave_its_place(std::size_t host);
  void tell();
  void tell_where(std::size_t host);
  void show(const Position& at, Place& place);
  void show_at_once(const Position& at, Place& place, const Event& event);

  Strings hosts_;
  std::vector<Seat> seats_;
  EventSink& events_;
  mutable std::mutex mutex_;
  HeldEvents held_;
  std::map<Position, Place> places_;
  std::map<Position, std::size_t> taken_;  // how many that are on their way are at a place
  std::optional<Position> shown_;
};

}  // namespace agent::executor
