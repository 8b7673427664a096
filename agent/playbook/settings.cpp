#include <unordered_map>

#include <agent/playbook/module_names.hpp>
#include <agent/playbook/settings.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

using Member = std::optional<Value> Settings::*;

enum class Takes { boolean, number, text };
struct Keyword {
  Takes takes;
  Member member;
};

const std::unordered_map<std::string, Keyword>& scalars() {
  static const std::unordered_map<std::string, Keyword> table = {
      {"become", {Takes::boolean, &Settings::become}},
      {"become_user", {Takes::text, &Settings::become_user}},
      {"become_method", {Takes::text, &Settings::become_method}},
      {"become_exe", {Takes::text, &Settings::become_exe}},
      {"become_flags", {Takes::text, &Settings::become_flags}},
      {"connection", {Takes::text, &Settings::connection}},
      {"remote_user", {Takes::text, &Settings::remote_user}},
      {"port", {Takes::number, &Settings::port}},
      {"delegate_to", {Takes::text, &Settings::delegate_to}},
      {"delegate_facts", {Takes::boolean, &Settings::delegate_facts}},
      {"run_once", {Takes::boolean, &Settings::run_once}},
      {"ignore_errors", {Takes::boolean, &Settings::ignore_errors}},
      {"ignore_unreachable", {Takes::boolean, &Settings::ignore_unreachable}},
      {"any_errors_fatal", {Takes::boolean, &Settings::any_errors_fatal}},
      {"no_log", {Takes::boolean, &Settings::no_log}},
      {"check_mode", {Takes::boolean, &Settings::check_mode}},
      {"diff", {Takes::boolean, &Settings::diff}},
      {"timeout", {Takes::number, &Settings::timeout}},
      {"throttle", {Takes::number, &Settings::throttle}},
      {"debugger", {Takes::text, &Settings::debugger}},
  };
  return table;
}

std::optional<Value> read_scalar(const Reading& reading, Takes takes, const std::string& key, const Value& value) {
  switch (takes) {
    case Takes::boolean:
      return reading.boolean(key, value);
    case Takes::number:
      return reading.number(key, value);
    case Takes::text:
      return reading.text(key, value);
  }
  return {};
}

void read_variables(const Reading& reading, const Value& value, Map& variables) {
  if (value.is_list()) {  // an old form: a list of mappings
    for (const Value& item : value.list()) read_variables(reading, item, variables);
    return;
  }
  const Map* map = reading.map("vars", value);
  if (!map) return;
  for (const auto& [name, content] : *map) {
    if (!is_variable_name(name))
      reading.error("variable-name", Error("'" + name + "' cannot be the name of a variable")
                                         .at(reading.key(*map, name))
                                         .spanning(static_cast<int>(name.size()))
                                         .hint("a name is letters, digits and '_', and starts with no digit"));
    variables.set(name, content);
  }
}

void read_environment(const Reading& reading, const Value& value, Settings& settings) {
  const auto is_layer = [](const Value& v) { return v.is_map() || has_braces(v) || v.is_null(); };
  if (value.is_null()) return;
  if (!is_layer(value) && !value.is_list()) return reading.wrong_kind("environment", "a mapping", value);
  if (value.is_list())
    for (const Value& item : value.list())
      if (!is_layer(item)) return reading.wrong_kind("environment", "a mapping, or a list of mappings", item);
  settings.environment = value;
}

void read_module_defaults(const Reading& reading, const Value& value, Settings& settings) {
  if (value.is_list()) {
    for (const Value& item : value.list()) read_module_defaults(reading, item, settings);
    return;
  }
  const Map* map = reading.map("module_defaults", value);
  if (!map) return;
  for (const auto& [name, arguments] : *map)
    settings.module_defaults.set(name.rfind("group/", 0) == 0 ? name : canonical_module(name), arguments);
}

}  // namespace

std::vector<Value> read_tags(const Reading& reading, const Value& value) {
  std::vector<Value> tags;
  for (const Value& item : reading.several("tags", value)) {
    const std::string text = scalar_text(item).value_or("");
    if (has_braces(item)) {
      tags.push_back(item);
      continue;
    }
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t comma = std::min(text.find(',', start), text.size());
      const std::string_view tag = text::trimmed_view(std::string_view(text).substr(start, comma - start));
      if (!tag.empty()) tags.push_back(Value(tag).at(item.where()));
      start = comma + 1;
    }
  }
  return tags;
}

std::vector<Value> read_conditions(const Reading& reading, const std::string& key, const Value& value) {
  std::vector<Value> all;
  const auto add = [&](const Value& item) {
    if (item.is_null()) return;
    if (item.is_map())
      reading.error("keyword-value", Error("'" + key + "' takes an expression, not a mapping")
                                         .at(item.where())
                                         .hint("an expression with ': ' or with braces at its start must be quoted"));
    else if (item.is_list())
      reading.wrong_kind(key, "an expression, or a list of expressions", item);
    else
      all.push_back(item);
  };
  if (value.is_list())
    for (const Value& item : value.list()) add(item);
  else
    add(value);
  return all;
}

bool read_setting(const Reading& reading, const std::string& key, const Value& value, Settings& settings) {
  if (const auto found = scalars().find(key); found != scalars().end()) {
    settings.*(found->second.member) = read_scalar(reading, found->second.takes, key, value);
    return true;
  }
  if (key == "when")
    settings.when = read_conditions(reading, key, value);
  else if (key == "tags")
    settings.tags = read_tags(reading, value);
  else if (key == "notify")
    settings.notify = reading.several(key, value);
  else if (key == "vars")
    read_variables(reading, value, settings.vars);
  else if (key == "environment")
    read_environment(reading, value, settings);
  else if (key == "module_defaults")
    read_module_defaults(reading, value, settings);
  else
    return key == "collections";  // names are resolved without it
  return true;
}

}  // namespace agent
