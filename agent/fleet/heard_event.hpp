#pragma once

#include <optional>

#include <agent/executor/outpost.hpp>
#include <agent/wire/event.hpp>

namespace agent::fleet {

/// What a machine says on a walk, made harmless: it speaks for itself alone, of its play, and of places in files that
/// were read for it.
class HeardEvents {
 public:
  explicit HeardEvents(const executor::Journey& journey) : journey_(journey) {}
  /// Nothing for what a walk has no business to say. Throws Error for what is no event.
  std::optional<Event> event(const Value& value) const;
  std::optional<Event> banner(const Value& value) const;

 private:
  void confine(Where& where) const;
  std::optional<Error> confined(const std::optional<Error>& error) const;

  const executor::Journey& journey_;
};

/// What went wrong there, without places: a machine knows nothing of the controller's files, and cannot have lines of
/// them shown.
Error without_places(const Error& error);

/// What is known of a host beside the inventory.
Value state_of(const executor::HostState& host);
/// What a host has learned on a walk; never a template.
void take_state(const Value& state, executor::HostState& host);

/// The same for the machine's own journal, whose word counts as it was: what were templates are templates again.
Value kept_state_of(const executor::HostState& host);
void restore_state(const Value& kept, executor::HostState& host);

}  // namespace agent::fleet
