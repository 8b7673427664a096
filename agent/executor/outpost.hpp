#pragma once

#include <functional>
#include <optional>

#include <agent/executor/coordinator.hpp>
#include <agent/executor/luggage.hpp>
#include <agent/executor/play_context.hpp>

namespace agent::executor {

/// One host's way through one play, walked on the machine itself.
struct Journey {
  PlayContext& play;
  HostState& host;
  Luggage& luggage;
  /// What it says on its way; called from any one thread at a time.
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
