#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <agent/executor/coordinator.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Hosts that go through one play each at its own pace, told in the order of the play: what a fast host says of a later
/// task is held back until every host that is on its way has come as far, so that the results of a task stand together
/// below its banner. A failure is told at once, below its banner; that stands there again when the others come. So it
/// does for a host that sets out later. Any thread may call.
class Procession {
 public:
  Procession(Strings hosts, EventSink& events) : hosts_(std::move(hosts)), seats_(hosts_.size()), events_(events) {}

  /// The host sets out: from now on others are held back where it has not been.
  void set_out(std::size_t host);
  /// It has come to a place; the banner is said once for all that come there. Never goes back.
  void arrived(std::size_t host, const Position& place, std::optional<Event> banner);
  /// It says something of where it is.
  void said(std::size_t host, Event event);
  /// It is through.
  void left(std::size_t host);
  /// The banner of the place where it is.
  std::optional<Event> banner_of(std::size_t host) const;

 private:
  struct Place {
    std::optional<Event> banner;
    Strings hosts;
    std::vector<Event> events;
    bool was_shown = false;
  };
  struct Seat {
    bool is_on_its_way = false;
    Position place = {};
    std::optional<Event> banner = std::nullopt;
  };
  void tell();
  void tell_where(std::size_t host);
  void show(const Position& at, Place& place);
  void show_at_once(const Position& at, Place& place, const Event& event);

  Strings hosts_;
  std::vector<Seat> seats_;
  EventSink& events_;
  mutable std::mutex mutex_;
  std::map<Position, Place> places_;
  std::optional<Position> shown_;
};

}  // namespace agent::executor
