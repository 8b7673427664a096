#include <agent/executor/errands.hpp>
#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {

Error without_places(const Error& error) {
  Error out = Error(error.message()).about(error.argument()).with(error.result());
  for (const auto& hint : error.hints()) out.hint(hint);
  return out;
}

void HeardEvents::confine(Where& where) const {
  if (where && !journey_.play.world.loader.text_of(*where.file)) where = {};
}

std::optional<Error> HeardEvents::confined(const std::optional<Error>& error) const {
  if (!error) return std::nullopt;
  Error out = without_places(*error);
  Where where = error->where();
  confine(where);
  if (where) out.at(where);
  out = Error(out).spanning(error->width());
  for (const auto& step : error->trail()) {
    Where at = step.where;
    confine(at);
    out.during(step.what, at);
  }
  return out;
}

std::optional<Event> HeardEvents::event(const Value& value) const {
  Event event = event_from(value);
  if (auto* result = std::get_if<event::TaskResult>(&event)) {
    result->host = journey_.host.name();
    result->play = journey_.play.name;
    confine(result->where);
    const auto& errands = journey_.luggage.of(journey_.play.play).errands;
    const auto errand = result->delegate.empty() ? errands.end() : errands.find(result->where.text());
    result->delegate = errand == errands.end() ? "" : executor::delegate_of(*errand->second).value_or("");
    result->error = confined(result->error);
    return event;
  }
  if (auto* retrying = std::get_if<event::Retrying>(&event)) {
    retrying->host = journey_.host.name();
    return event;
  }
  if (auto* progress = std::get_if<event::Progress>(&event)) {
    progress->host = journey_.host.name();
    return event;
  }
  if (auto* warning = std::get_if<event::Warning>(&event)) {
    confine(warning->where);
    return event;
  }
  return std::nullopt;
}

std::optional<Event> HeardEvents::banner(const Value& value) const {
  Event event = event_from(value);
  if (auto* started = std::get_if<event::TaskStarted>(&event)) {
    started->play = journey_.play.name;
    started->check = journey_.play.world.options.check;
    confine(started->where);
    return event;
  }
  // Its hosts are filled in by whoever tells it.
  if (auto* included = std::get_if<event::Included>(&event)) {
    included->hosts.clear();
    return event;
  }
  return std::nullopt;
}

Value state_of(const executor::HostState& host) {
  using Store = executor::HostState::Store;
  Map out;
  for (const auto& [name, store] :
       {std::pair{"set", Store::set}, {"included", Store::included}, {"facts", Store::facts}}) {
    Map variables;
    for (const auto& key : host.names(store))
      if (key != "ansible_facts")
        if (auto value = host.find(store, key)) variables.set(key, std::move(*value));
    out.set(name, std::move(variables));
  }
  if (const auto facts = host.find(Store::facts, "ansible_facts")) out.set("ansible_facts", *facts);
  out.set("predicted", host.predicted);
  return out;
}

void take_state(const Value& state, executor::HostState& host) {
  using Store = executor::HostState::Store;
  const auto map = [&](const char* name) {
    const Value* found = state.find(name);
    return found && found->is_map() ? found->map() : Map();
  };
  Map allowed;
  for (const auto& [name, value] : map("set"))
    if (!executor::steers_connection(name)) allowed.set(name, value);
  host.put(Store::set, allowed);
  // Facts come as members of ansible_facts, too; both are made of one.
  Map facts = map("facts");
  for (const auto& [name, value] : map("ansible_facts"))
    if (!facts.contains(name) && !facts.contains("ansible_" + name)) facts.set("ansible_" + name, value);
  host.put_facts(facts);
  if (const Value* predicted = state.find("predicted")) host.predicted = strings_from(*predicted);
}

Value kept_state_of(const executor::HostState& host) {
  Map out = state_of(host).map();
  Map included;
  for (const auto& name : host.names(executor::HostState::Store::included))
    if (auto value = host.find(executor::HostState::Store::included, name)) included.set(name, std::move(*value));
  out.set("included", protocol::marked(Value(std::move(included))));
  out.set("counts", protocol::value_of(host.counts));
  return out;
}

void restore_state(const Value& kept, executor::HostState& host) {
  if (!kept.is_map()) return;
  take_state(kept, host);
  if (const Value* counts = kept.find("counts")) host.counts = protocol::counts_from(*counts);
  if (const Value* included = kept.find("included"))
    host.put(executor::HostState::Store::included, protocol::unmarked(*included).map());
}

}  // namespace agent::fleet
