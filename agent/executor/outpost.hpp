#pragma once

#include <functional>
#include <optional>

#include <agent/executor/coordinator.hpp>
#include <agent/executor/gathering.hpp>
#include <agent/executor/luggage.hpp>
#include <agent/executor/play_context.hpp>

namespace agent::executor {

/// One host's way through one play, walked on the machine itself.
struct Journey {
  PlayContext& play;
  HostState& host;
  Luggage& luggage;
  Gathering& gathering;
  std::size_t number;  ///< of the host, in its batch
  /// What it says on its way; from any thread.
  std::function<void(const Position&, std::optional<Event> banner)> arrived;
  std::function<void(Event)> said;
};

/// An executor on another machine.
class Outpost {
 public:
  virtual ~Outpost() = default;
  /// Has the play walked there, and returns when the host is through; its state says how that ended. Throws Unreachable
  /// when the machine is lost.
  virtual void walk(const Journey& journey) = 0;
  /// Nothing more is to be done there in this run: whatever is kept for it may go, in a while.
  virtual void leave() {}
};

}  // namespace agent::executor
