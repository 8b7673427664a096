#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/real_number.hpp>
#include <agent/sdk/spec.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

constexpr std::array<std::string_view, 11> type_names = {"text", "path", "boolean", "integer",    "number",    "list",
                                                         "map",  "any",  "mode",    "expression", "conditions"};

std::string quoted(const Strings& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + ("'" + names[i] + "'");
  return text;
}

[[noreturn]] void mismatch(const std::string& module, const Argument& argument, const Value& found,
                           std::string_view expected) {
  std::string shown = found.is_string() ? "'" + found.string() + "'" : std::string(name_of(found.kind()));
  if (found.is_number() || found.is_boolean()) shown = found.json();
  throw Error(module + " takes " + std::string(expected) + " as '" + argument.name + "', not " + shown)
      .at(found.where())
      .about(argument.name);
}

// Text as Ansible reads scalars into text: True, 3, 1.5.
std::optional<std::string> text_of(const Value& value) {
  switch (value.kind()) {
    case Kind::string:
      return value.string();
    case Kind::boolean:
      return value.boolean() ? "True" : "False";
    case Kind::integer:
      return std::to_string(value.integer());
    case Kind::real:
      return value.json();
    default:
      return std::nullopt;
  }
}

// The words of Ansible's boolean(), which is wider than YAML's.
std::optional<bool> boolean_of(const Value& value) {
  if (value.is_boolean()) return value.boolean();
  if (value.is_number() && (value.real() == 0 || value.real() == 1)) return value.real() == 1;
  if (!value.is_string()) return std::nullopt;
  const std::string word = text::lower(text::trimmed(value.string()));
  for (const char* yes : {"yes", "on", "1", "true", "t", "y", "1.0"})
    if (word == yes) return true;
  for (const char* no : {"no", "off", "0", "false", "f", "n", "0.0"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const Value& value) {
  if (value.is_integer()) return value.integer();
  if (value.is_real() && value.real() == static_cast<double>(static_cast<std::int64_t>(value.real())))
    return static_cast<std::int64_t>(value.real());
  if (!value.is_string()) return std::nullopt;
  const std::string text = text::trimmed(value.string());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> number_of(const Value& value) {
  if (value.is_number()) return value.real();
  if (!value.is_string()) return std::nullopt;
  return real_number(text::trimmed(value.string()));
}

// A list argument takes a list, text with commas, or one scalar.
List list_of(const Value& value) {
  if (value.is_list()) return value.list();
  if (!value.is_string()) return {value};
  List list;
  const std::string& text = value.string();
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    const std::string item = text::trimmed(text.substr(start, comma - start));
    if (!item.empty()) list.push_back(Value(item).at(value.where()));
    start = comma + 1;
  }
  return list;
}

// An integer mode is the number itself (YAML already read 0644 as octal), text is octal or symbolic.
Value mode_of(const std::string& module, const Argument& argument, const Value& value) {
  if (value.is_integer()) {
    if (value.integer() < 0 || value.integer() > 07777) mismatch(module, argument, value, "a file mode such as '0644'");
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(value.integer()));
    return Value(text).at(value.where());
  }
  if (!value.is_string()) mismatch(module, argument, value, "a file mode such as '0644' or 'u=rw,go=r'");
  return value;
}

// YAML reads yes as true: where exactly one choice is such a word, that one was meant.
std::optional<std::string> choice_of(const Argument& argument, const Value& value) {
  if (!value.is_boolean()) return text_of(value);
  Strings meant;
  for (const std::string& choice : argument.choices)
    if (boolean_of(choice) == value.boolean()) meant.push_back(choice);
  return meant.size() == 1 ? meant.front() : text_of(value);
}

Value typed(const std::string& module, const Argument& argument, const Value& value) {
  const auto expect = [&](auto&& converted, std::string_view expected) -> Value {
    if (!converted) mismatch(module, argument, value, expected);
    return Value(*converted).at(value.where());
  };
  switch (argument.type) {
    case Type::text:
      return expect(choice_of(argument, value), "text");
    case Type::path:
      return expect(text_of(value), "a path");
    case Type::boolean:
      return expect(boolean_of(value), "yes or no");
    case Type::integer:
      return expect(integer_of(value), "a whole number");
    case Type::number:
      return expect(number_of(value), "a number");
    case Type::list:
      return Value(list_of(value)).at(value.where());
    case Type::map:
      if (!value.is_map()) mismatch(module, argument, value, "a mapping");
      return value;
    case Type::mode:
      return mode_of(module, argument, value);
    case Type::any:
    case Type::expression:
    case Type::conditions:
      return value;
  }
  return value;
}

void check_choices(const std::string& module, const Argument& argument, const Value& value) {
  if (argument.choices.empty()) return;
  const auto allowed = [&](const Value& one) {
    const auto text = text_of(one);
    if (!text || std::find(argument.choices.begin(), argument.choices.end(), *text) != argument.choices.end()) return;
    auto error = Error(module + " has no " + argument.name + " '" + *text + "': it is " + quoted(argument.choices))
                     .at(one.where())
                     .about(argument.name);
    if (auto hint = did_you_mean(*text, argument.choices)) error.hint(*hint);
    throw error;
  };
  if (value.is_list())
    for (const Value& one : value.list()) allowed(one);
  else
    allowed(value);
}

Error no_such_argument(const Spec& spec, const std::string& name, const Value& value) {
  Strings known;
  for (const Argument& argument : spec.arguments) {
    known.push_back(argument.name);
    known.insert(known.end(), argument.aliases.begin(), argument.aliases.end());
  }
  Error error(spec.name + " has no argument '" + name + "'");
  error.at(value.where());
  if (auto hint = did_you_mean(name, known))
    error.hint(*hint);
  else
    error.hint("'agent doc " + spec.name + "' lists what it takes");
  return std::move(error).about(name);
}

void check_groups(const Spec& spec, const Map& checked) {
  for (const Strings& group : spec.exclusive) {
    Strings given;
    for (const std::string& name : group)
      if (checked.contains(name)) given.push_back(name);
    if (given.size() > 1)
      throw Error(spec.name + " takes only one of " + quoted(group))
          .at(checked.find(given[1])->where())
          .about(given[1]);
  }
  for (const Strings& group : spec.one_of) {
    const bool any = std::any_of(group.begin(), group.end(), [&](const auto& name) { return checked.contains(name); });
    if (!any) throw Error(spec.name + " needs one of " + quoted(group));
  }
}

}  // namespace

std::string_view name_of(Type type) {
  return type_names[static_cast<std::size_t>(type)];
}

Type type_from(std::string_view name) {
  const auto found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) throw Error("a module's argument has an unknown type '" + std::string(name) + "'");
  return static_cast<Type>(found - type_names.begin());
}

const Argument* Spec::find(std::string_view wanted) const {
  for (const Argument& argument : arguments)
    if (argument.name == wanted ||
        std::find(argument.aliases.begin(), argument.aliases.end(), wanted) != argument.aliases.end())
      return &argument;
  return nullptr;
}

Map Spec::check(const Map& args) const {
  Map checked;
  for (const auto& [given, value] : args) {
    const Argument* argument = find(given);
    if (!argument) {
      if (!open) throw no_such_argument(*this, given, value);
      checked.set(given, value);
      continue;
    }
    if (value.is_null()) continue;
    if (value.is_unknown()) {
      checked.set(argument->name, value);
      continue;
    }
    Value right = typed(name, *argument, value);
    check_choices(name, *argument, right);
    checked.set(argument->name, std::move(right));
  }
  for (const Argument& argument : arguments)
    if (argument.required && !checked.contains(argument.name))
      throw Error(name + " needs '" + argument.name + "': " + argument.help).about(argument.name);
  check_groups(*this, checked);
  return checked;
}

Value Spec::to_value() const {
  List argument_list, example_list, return_list, exclusive_list, one_of_list;
  for (const Argument& a : arguments)
    argument_list.push_back(Map{{"name", a.name},
                                {"type", name_of(a.type)},
                                {"help", a.help},
                                {"required", a.required},
                                {"secret", a.secret},
                                {"aliases", a.aliases},
                                {"choices", a.choices},
                                {"default", a.default_text},
                                {"source", a.source}});
  for (const Example& e : examples) example_list.push_back(Map{{"title", e.title}, {"yaml", e.yaml}});
  for (const Returned& r : returns) return_list.push_back(Map{{"name", r.name}, {"type", r.type}, {"help", r.help}});
  for (const Strings& group : exclusive) exclusive_list.push_back(group);
  for (const Strings& group : one_of) one_of_list.push_back(group);
  return Map{{"name", name},
             {"summary", summary},
             {"description", description},
             {"arguments", argument_list},
             {"examples", example_list},
             {"returns", return_list},
             {"free_text", free_text},
             {"open", open},
             {"plain", plain},
             {"reads_network", reads_network},
             {"exclusive", exclusive_list},
             {"one_of", one_of_list}};
}

Spec Spec::from_value(const Value& value) {
  const auto text = [](const Value& v) { return v.is_string() ? v.string() : std::string(); };
  const auto flag = [](const Value& v) { return v.is_boolean() && v.boolean(); };
  const auto each = [&](std::string_view key, auto&& put) {
    if (value[key].is_list())
      for (const Value& item : value[key].list()) put(item);
  };
  Spec spec;
  spec.name = text(value["name"]);
  spec.summary = text(value["summary"]);
  spec.description = text(value["description"]);
  spec.free_text = text(value["free_text"]);
  spec.open = flag(value["open"]);
  spec.plain = flag(value["plain"]);
  spec.reads_network = flag(value["reads_network"]);
  each("arguments", [&](const Value& a) {
    spec.arguments.push_back({.name = text(a["name"]),
                              .type = type_from(text(a["type"])),
                              .help = text(a["help"]),
                              .required = flag(a["required"]),
                              .secret = flag(a["secret"]),
                              .aliases = strings_from(a["aliases"]),
                              .choices = strings_from(a["choices"]),
                              .default_text = text(a["default"]),
                              .source = text(a["source"])});
  });
  each("examples", [&](const Value& e) { spec.examples.push_back({text(e["title"]), text(e["yaml"])}); });
  each("returns", [&](const Value& r) { spec.returns.push_back({text(r["name"]), text(r["type"]), text(r["help"])}); });
  each("exclusive", [&](const Value& group) { spec.exclusive.push_back(strings_from(group)); });
  each("one_of", [&](const Value& group) { spec.one_of.push_back(strings_from(group)); });
  return spec;
}

Strings Field<Strings>::read(const Value& value) {
  Strings strings;
  for (const Value& item : value.list()) {
    if (item.is_unknown()) throw Unknown(item.reasons());
    const auto text = text_of(item);
    if (!text) throw Error("a list of texts holds " + std::string(name_of(item.kind()))).at(item.where());
    strings.push_back(*text);
  }
  return strings;
}

Environment Field<Environment>::read(const Value& value) {
  Environment environment;
  for (const auto& [name, item] : value.map()) {
    if (item.is_unknown()) throw Unknown(item.reasons());
    const auto text = text_of(item);
    if (!text) throw Error("'" + name + "' must be text").at(item.where());
    environment[name] = *text;
  }
  return environment;
}

}  // namespace agent
