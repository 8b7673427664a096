#include <algorithm>

#include <agent/executor/redaction.hpp>
#include <agent/wire/task.hpp>

namespace agent::executor {
namespace {

// Shorter ones would blacken half of every output, and hide nothing that cannot be guessed.
constexpr std::size_t shortest = 3;
constexpr std::string_view hidden = redacted;

}  // namespace

void Redaction::add_secrets(const Map& args, const Spec& spec) {
  for (const auto& argument : spec.arguments)
    if (argument.secret)
      if (const Value* value = args.find(argument.name)) add(*value);
}

void Redaction::add(const Value& secret) {
  if (secret.is_string() && secret.string().size() >= shortest) {
    secrets_.push_back(secret.string());
    // The longest first: a secret that contains another must go as a whole.
    std::sort(secrets_.begin(), secrets_.end(), [](auto& a, auto& b) { return a.size() > b.size(); });
  }
  if (secret.is_list())
    for (const auto& item : secret.list()) add(item);
  if (secret.is_map())
    for (const auto& [key, item] : secret.map()) add(item);
}

std::string Redaction::text(std::string text) const {
  for (const auto& secret : secrets_)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 8))
      text.replace(at, secret.size(), hidden);
  return text;
}

Value Redaction::value(const Value& value) const {
  if (value.is_string()) return Value(text(value.string())).at(value.where());
  if (value.is_list()) {
    List out;
    for (const auto& item : value.list()) out.push_back(this->value(item));
    return Value(std::move(out)).at(value.where());
  }
  if (value.is_map()) {
    Map out;
    for (const auto& [key, item] : value.map()) out.set(text(key), this->value(item));
    return Value(std::move(out)).at(value.where());
  }
  return value;
}

void Redaction::apply(event::TaskResult& result) const {
  if (secrets_.empty()) return;
  result.result = value(Value(result.result)).map();
  result.output = text(result.output);
  if (result.item) result.item = text(*result.item);
  for (auto& note : result.notes) note = text(note);
  for (auto& reason : result.reasons) reason = text(reason);
  for (auto& change : result.changes) {
    if (change.before) change.before = text(*change.before);
    if (change.after) change.after = text(*change.after);
    change.subject = text(change.subject);
  }
  if (result.error) result.error = Error::from_value(value(result.error->to_value()));
}

Value with_reasons(const Value& value, const Strings& reasons) {
  if (value.is_unknown()) return Value::unknown(reasons).at(value.where());
  if (value.is_list()) {
    List out;
    for (const auto& item : value.list()) out.push_back(with_reasons(item, reasons));
    return Value(std::move(out)).at(value.where());
  }
  if (value.is_map()) {
    Map out;
    for (const auto& [key, item] : value.map()) out.set(key, with_reasons(item, reasons));
    return Value(std::move(out)).at(value.where());
  }
  return value;
}

void censor(event::TaskResult& result) {
  const Value* changed = result.result.find("changed");
  const Value was_changed = changed ? *changed : Value(false);
  result.result =
      Map{{"censored", "the output has been hidden due to the fact that 'no_log: true' was specified for this result"},
          {"changed", was_changed}};
  for (auto& change : result.changes) change = {std::string(hidden_subject), std::nullopt, std::nullopt, true, false};
  result.notes.clear();
  result.output.clear();
  if (result.item) result.item = "(censored due to no_log)";
  if (result.error) result.error = Error("the task failed; what it said is hidden by no_log").at(result.error->where());
}

}  // namespace agent::executor
