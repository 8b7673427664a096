#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/journal.hpp>
#include <agent/fleet/left_journals.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/sdk/checksum.hpp>

namespace agent::fleet {
namespace {

constexpr std::size_t most_events = 100'000;

/// What a machine said, without a play to hold it against: it speaks for itself, and names no place.
std::optional<Event> harmless(const Value& value, const std::string& host) {
  Event event = event_from(value);
  if (auto* result = std::get_if<event::TaskResult>(&event)) {
    result->host = host;
    result->delegate.clear();
    result->where = {};
    if (result->error) result->error = without_places(*result->error);
    return event;
  }
  if (auto* started = std::get_if<event::TaskStarted>(&event)) {
    started->where = {};
    return event;
  }
  return std::nullopt;
}

}  // namespace

Value collected(const Path& folder, const std::string& run, const std::string& key) {
  if (!Journal::is_there(folder, run)) throw Error("there is no journal of run " + run);
  Journal journal(folder, run, key);
  List events;
  bool is_whole = false;
  for (const Value& record : journal.take_records()) {
    // A walk that was begun and has no end leaves it at that.
    if (record.find("begins")) is_whole = false;
    if (record.find("state")) is_whole = true;
    if (const Value* event = record.find("event"); event && events.size() < most_events) events.push_back(*event);
  }
  journal.set_collected();
  return Map{{"events", std::move(events)}, {"is_whole", is_whole}};
}

void collect(Dialogue& dialogue, const Terms& terms, const std::string& host, const Strings& runs) {
  if (!terms.key_of || !terms.collected) return;
  for (const auto& run : runs) {
    const auto key = terms.key_of(run);
    if (!key) continue;
    try {
      const Value journal = dialogue.ask(protocol::collected,
                                         Map{{"of", Map{{"run", run}, {"key", hexadecimal(derived_key(*key, host))}}}});
      std::vector<Event> events;
      if (!journal["events"].is_list() || !journal["is_whole"].is_boolean()) continue;
      for (const Value& event : journal["events"].list())
        if (auto said = harmless(event, host); said && events.size() < most_events) events.push_back(std::move(*said));
      terms.collected({run, host, std::move(events), journal["is_whole"].boolean()});
    } catch (const Dialogue::Gone&) {
      return;
    } catch (const std::exception& error) {
      if (terms.tell) terms.tell("the journal of run " + run + " on '" + host + "' stays there: " + error.what());
    }
  }
}

}  // namespace agent::fleet
