#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// What an argument takes. `expression` and `conditions` are not rendered but evaluated by the executor: the module
/// gets a map {text, value} (or a list of them). `list` takes one item, a list, or text with commas, as Ansible's does.
enum class Type { text, path, boolean, integer, number, list, map, any, mode, expression, conditions };
std::string_view name_of(Type type);
Type type_from(std::string_view name);

/// One argument of a module, as its documentation shows it.
struct Argument {
  std::string name;
  Type type = Type::text;
  std::string help;
  bool required = false;
  bool secret = false;
  Strings aliases;
  Strings choices;           ///< empty: anything
  std::string default_text;  ///< as the page shows it; empty: none
  /// The value is a file on the controller, searched as the module's kind says ("files", "templates", ...).
  std::string source;
};

struct Example {
  std::string title;
  std::string yaml;
};
struct Returned {
  std::string name, type, help;
};

/// Everything that is known of a module without running it. One per library, not per distribution.
struct Spec {
  std::string name;
  std::string summary;      ///< one sentence
  std::string description;  ///< Markdown, may be empty
  std::vector<Argument> arguments;
  std::vector<Example> examples;
  std::vector<Returned> returns;
  /// The free text of `command: ls -l` goes into this argument; empty: no free text.
  std::string free_text;
  /// Takes any argument beside the named ones (`set_fact`).
  bool open = false;
  /// Needs no rights and touches nothing: runs without `become` (`debug`, `assert`).
  bool plain = false;
  /// Its check reads from the network: check mode does not close it off there.
  bool reads_network = false;
  /// Exclusive groups: at most one of each may be given.
  std::vector<Strings> exclusive;
  /// Of each group at least one must be given.
  std::vector<Strings> one_of;

  const Argument* find(std::string_view name_or_alias) const;
  /// Checks `args` (a map of rendered arguments; unknown values pass) and returns them with canonical names, defaults
  /// left out, and types made right ("yes" -> true, 420 -> "0644" for modes). Throws Error at the argument's place.
  Map check(const Map& args) const;
  Value to_value() const;
  static Spec from_value(const Value& value);
};

/// The rendered, checked arguments of one task.
using Args = Map;

// How a field of a `Want` struct names its type and is read from a value.
template <class T>
struct Field;
template <>
struct Field<std::string> {
  static constexpr Type type = Type::text;
  static std::string read(const Value& v) { return v.string(); }
  static std::string show(const std::string& v) { return v; }
};
template <>
struct Field<Path> {
  static constexpr Type type = Type::path;
  static Path read(const Value& v) { return v.string(); }
  static std::string show(const Path& v) { return v.string(); }
};
template <>
struct Field<bool> {
  static constexpr Type type = Type::boolean;
  static bool read(const Value& v) { return v.boolean(); }
  static std::string show(bool v) { return v ? "true" : "false"; }
};
template <>
struct Field<std::int64_t> {
  static constexpr Type type = Type::integer;
  static std::int64_t read(const Value& v) { return v.integer(); }
  static std::string show(std::int64_t v) { return std::to_string(v); }
};
template <>
struct Field<double> {
  static constexpr Type type = Type::number;
  static double read(const Value& v) { return v.real(); }
  static std::string show(double v) { return Value(v).json(); }
};
template <>
struct Field<Strings> {
  static constexpr Type type = Type::list;
  static Strings read(const Value& v);
  static std::string show(const Strings& v) { return v.empty() ? "" : Value(v).json(); }
};
template <>
struct Field<List> {
  static constexpr Type type = Type::list;
  static List read(const Value& v) { return v.list(); }
  static std::string show(const List&) { return ""; }
};
template <>
struct Field<Map> {
  static constexpr Type type = Type::map;
  static Map read(const Value& v) { return v.map(); }
  static std::string show(const Map&) { return ""; }
};
template <>
struct Field<Environment> {
  static constexpr Type type = Type::map;
  static Environment read(const Value& v);
  static std::string show(const Environment&) { return ""; }
};
template <>
struct Field<Value> {
  static constexpr Type type = Type::any;
  static Value read(const Value& v) { return v; }
  static std::string show(const Value& v) { return v.is_null() ? "" : v.json(); }
};
template <class T>
struct Field<std::optional<T>> {
  static constexpr Type type = Field<T>::type;
  static std::optional<T> read(const Value& v) {
    return v.is_null() ? std::nullopt : std::optional<T>(Field<T>::read(v));
  }
  static std::string show(const std::optional<T>& v) { return v ? Field<T>::show(*v) : ""; }
};

/// A Spec tied to the struct that the arguments are read into. Defaults live in the struct, once.
///
///     static const auto spec = SpecOf<Want>("package", "Installs and removes packages.")
///         .required("name", &Want::name, "one package, or a list of them").alias("pkg")
///         .optional("state", &Want::state, "what to make of them").choices({"present", "absent"});
///
/// `alias`, `choices`, `secret`, `as`, `from_controller` speak of the argument named last.
template <class Want>
class SpecOf {
 public:
  SpecOf(std::string name, std::string summary) {
    spec_.name = std::move(name);
    spec_.summary = std::move(summary);
  }
  template <class T>
  SpecOf&& required(std::string name, T Want::*field, std::string help) && {
    return std::move(*this).add(std::move(name), field, std::move(help), true);
  }
  template <class T>
  SpecOf&& optional(std::string name, T Want::*field, std::string help) && {
    return std::move(*this).add(std::move(name), field, std::move(help), false);
  }
  SpecOf&& alias(std::string name) && {
    return spec_.arguments.back().aliases.push_back(std::move(name)), std::move(*this);
  }
  SpecOf&& choices(Strings names) && { return spec_.arguments.back().choices = std::move(names), std::move(*this); }
  SpecOf&& secret() && { return spec_.arguments.back().secret = true, std::move(*this); }
  /// Overrides the type that the field's C++ type implies: `Type::mode` for a text, `Type::expression` for a Value.
  SpecOf&& as(Type type) && { return spec_.arguments.back().type = type, std::move(*this); }
  /// The argument names a file on the controller, looked for in this kind of folder; the module gets its content under
  /// the argument's name + "_content" (see docs/writing-a-module.md).
  SpecOf&& from_controller(std::string folder) && {
    return spec_.arguments.back().source = std::move(folder), std::move(*this);
  }
  SpecOf&& description(std::string text) && { return spec_.description = std::move(text), std::move(*this); }
  SpecOf&& example(std::string title, std::string yaml) && {
    return spec_.examples.push_back({std::move(title), std::move(yaml)}), std::move(*this);
  }
  SpecOf&& returns(std::string name, std::string type, std::string help) && {
    return spec_.returns.push_back({std::move(name), std::move(type), std::move(help)}), std::move(*this);
  }
  SpecOf&& free_text(std::string argument) && { return spec_.free_text = std::move(argument), std::move(*this); }
  SpecOf&& open() && { return spec_.open = true, std::move(*this); }
  SpecOf&& reads_network() && { return spec_.reads_network = true, std::move(*this); }
  SpecOf&& plain() && { return spec_.plain = true, std::move(*this); }
  SpecOf&& exclusive(Strings names) && { return spec_.exclusive.push_back(std::move(names)), std::move(*this); }
  SpecOf&& one_of(Strings names) && { return spec_.one_of.push_back(std::move(names)), std::move(*this); }

  operator const Spec&() const { return spec_; }
  const Spec& spec() const { return spec_; }
  /// The arguments as the struct. They were checked against the Spec before; an unknown one throws `Unknown`.
  Want read(const Args& args) const {
    Want want;
    for (const auto& [name, put] : readers_)
      if (const Value* value = args.find(name); value && !value->is_null()) {
        if (value->is_unknown()) throw Unknown(value->reasons());
        put(want, *value);
      }
    return want;
  }

 private:
  template <class T>
  SpecOf&& add(const std::string& name, T Want::*field, const std::string& help, bool required) && {
    const Want defaults;
    readers_.emplace_back(name, [field](Want& want, const Value& value) { want.*field = Field<T>::read(value); });
    spec_.arguments.push_back({.name = name,
                               .type = Field<T>::type,
                               .help = help,
                               .required = required,
                               .default_text = required ? "" : Field<T>::show(defaults.*field)});
    return std::move(*this);
  }
  Spec spec_;
  std::vector<std::pair<std::string, std::function<void(Want&, const Value&)>>> readers_;
};

}  // namespace agent
