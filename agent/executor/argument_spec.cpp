#include <algorithm>

#include <agent/executor/argument_spec.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

bool is_whole(const Value& value) {
  const auto number = as_number(value);
  return number && *number == static_cast<double>(static_cast<std::int64_t>(*number));
}

/// Whether the value can be taken for the type, as leniently as modules take theirs.
bool fits(const std::string& type, const Value& value) {
  const bool is_text = value.is_string();
  const bool is_scalar = is_text || value.is_number() || value.is_boolean();
  if (type == "str" || type == "path" || type == "bytes" || type == "bits") return is_scalar;
  if (type == "int") return !value.is_boolean() && is_whole(value);
  if (type == "float") return !value.is_boolean() && as_number(value).has_value();
  if (type == "bool") return is_scalar && as_flag(value).has_value();
  if (type == "list") return value.is_list() || is_scalar;
  if (type == "dict")
    return value.is_map() ||
           (is_text && (value.string().find('=') != std::string::npos || value.string().rfind("{", 0) == 0));
  return true;  // raw, json and whatever comes later
}

std::string text_of(const Map& spec, std::string_view key, const std::string& otherwise) {
  const Value* value = spec.find(key);
  return value && value->is_string() ? value->string() : otherwise;
}

void check_choices(const Map& spec, const Value& value, const std::string& name, Strings& mistakes) {
  const Value* choices = spec.find("choices");
  if (!choices || !choices->is_list()) return;
  for (const auto& one : value.is_list() ? value.list() : List{value}) {
    const bool is_there = std::any_of(choices->list().begin(), choices->list().end(), [&](const Value& choice) {
      return choice == one || as_text(choice) == as_text(one);
    });
    if (is_there) continue;
    std::string all;
    for (const auto& choice : choices->list()) all += (all.empty() ? "" : ", ") + as_text(choice);
    mistakes.push_back("value of " + name + " must be one of: " + all + ", got: " + as_text(one));
  }
}

void check_one(const Map& spec, const Value& value, const std::string& name, Strings& mistakes) {
  if (value.is_unknown() || value.is_null()) return;
  const std::string type = text_of(spec, "type", "str");
  if (!fits(type, value)) {
    mistakes.push_back("argument " + quoted(name) + " must be of type " + type + ", and is " +
                       (value.is_string() ? quoted(value.string()) : std::string(name_of(value.kind()))));
    return;
  }
  check_choices(spec, value, name, mistakes);
  const std::string elements = text_of(spec, "elements", "raw");
  if (value.is_list())
    for (const auto& item : value.list())
      if (!item.is_unknown() && !fits(elements, item))
        mistakes.push_back("elements of " + quoted(name) + " must be of type " + elements + ", and one is " +
                           item.json());
  const Value* options = spec.find("options");
  if (!options || !options->is_map()) return;
  for (const auto& item : value.is_list() ? value.list() : List{value})
    if (item.is_map())
      for (auto& mistake : argument_mistakes(options->map(), item.map(), name + "."))
        mistakes.push_back(std::move(mistake));
}

}  // namespace

Strings argument_mistakes(const Map& options, const Map& given, const std::string& prefix) {
  Strings mistakes, missing;
  for (const auto& [name, spec] : options) {
    if (!spec.is_map()) continue;
    const Value* value = given.find(name);
    if (const Value* aliases = spec.find("aliases"); !value && aliases && aliases->is_list())
      for (const auto& alias : aliases->list())
        if (!value && alias.is_string()) value = given.find(alias.string());
    const Value* required = spec.find("required");
    if (!value && required && as_flag(*required).value_or(false)) missing.push_back(prefix + name);
    if (value) check_one(spec.map(), *value, prefix + name, mistakes);
  }
  if (missing.empty()) return mistakes;
  std::string names;
  for (const auto& name : missing) names += (names.empty() ? "" : ", ") + name;
  mistakes.insert(mistakes.begin(), "missing required arguments: " + names);
  return mistakes;
}

}  // namespace agent::executor
