#pragma once

#include <agent/executor/coordinator.hpp>
#include <agent/executor/errands.hpp>
#include <agent/executor/play_context.hpp>
#include <agent/executor/variable_view.hpp>

namespace agent::executor {

/// One host on its way through one play.
struct HostContext {
  World& world;
  PlayContext& play;
  HostState& host;
  Coordinator& coordinator;
  EventSink& events;           ///< what happens to this host is told here
  std::size_t number = 0;      ///< in the batch
  Errands* errands = nullptr;  ///< who does what is delegated; null: whoever walks, like everything else
  HostExtras extras = {};

  VariableView view(const agent::Scope* scope) { return {world, &play, host, &extras, scope}; }
};

}  // namespace agent::executor
