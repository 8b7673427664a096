#include <agent/executor/host_state.hpp>
#include <agent/fleet/carried_outcome.hpp>
#include <agent/fleet/heard_event.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {
namespace {

using executor::TaskOutcome;

struct Variables {
  const char* name;
  Map TaskOutcome::*member;
};
constexpr Variables all_variables[] = {{"facts", &TaskOutcome::facts},
                                       {"variables", &TaskOutcome::variables},
                                       {"included", &TaskOutcome::included_variables}};

std::string text_of(const Value& value, const char* name) {
  const Value* found = value.find(name);
  return found && found->is_string() ? found->string() : "";
}

bool flag_of(const Value& value, const char* name) {
  const Value* found = value.find(name);
  return found && found->is_boolean() && found->boolean();
}

Strings strings_of(const Value& value, const char* name) {
  const Value* found = value.find(name);
  return found ? strings_from(*found) : Strings();
}

}  // namespace

Value value_of(const TaskOutcome& outcome) {
  List changes;
  for (const auto& change : outcome.changes) changes.push_back(agent::to_value(change));
  Map out{{"status", std::string(name_of(outcome.status))},
          {"result", outcome.result},
          {"changes", std::move(changes)},
          {"notes", outcome.notes},
          {"reasons", outcome.reasons},
          {"output", outcome.output},
          {"delegate", outcome.delegate},
          {"shown", outcome.is_shown},
          {"refused", outcome.is_refused},
          {"assumption", outcome.assumption}};
  for (const auto& [name, member] : all_variables) out.set(name, outcome.*member);
  if (outcome.error) out.set("error", outcome.error->to_value());
  return out;
}

TaskOutcome task_outcome_from(const Value& value) {
  TaskOutcome out;
  out.status = status_from(text_of(value, "status"));
  if (const Value* result = value.find("result")) out.result = *result;
  if (const Value* changes = value.find("changes"); changes && changes->is_list())
    for (const auto& change : changes->list()) out.changes.push_back(change_from(change));
  out.notes = strings_of(value, "notes");
  out.reasons = strings_of(value, "reasons");
  out.output = text_of(value, "output");
  out.delegate = text_of(value, "delegate");
  out.is_shown = flag_of(value, "shown");
  out.is_refused = flag_of(value, "refused");
  out.assumption = text_of(value, "assumption");
  for (const auto& [name, member] : all_variables)
    if (const Value* found = value.find(name); found && found->is_map()) out.*member = found->map();
  if (const Value* error = value.find("error"); error && error->is_map()) out.error = Error::from_value(*error);
  return out;
}

TaskOutcome hearsay_from(const Value& value) {
  TaskOutcome out = task_outcome_from(value);
  if (out.error) out.error = without_places(*out.error);
  Map variables;
  for (const auto& [name, one] : out.variables)
    if (!executor::steers_connection(name)) variables.set(name, one);
  out.variables = std::move(variables);
  out.included_variables = {};
  out.is_refused = false;
  return out;
}

Value value_of(const executor::ErrandReport& report) {
  return Map{{"outcome", value_of(report.outcome)}, {"secrets", report.secrets}};
}

executor::ErrandReport errand_report_from(const Value& value) {
  return {task_outcome_from(value["outcome"]), strings_from(value["secrets"])};
}

}  // namespace agent::fleet
