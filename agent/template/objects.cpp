#include <algorithm>

#include <agent/template/objects.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

void add_reasons(const Value& value, Strings& reasons) {
  if (value.is_unknown()) {
    for (const std::string& reason : value.reasons())
      if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
  } else if (const List* items = as_list(value)) {
    for (const Value& item : *items) add_reasons(item, reasons);
  } else if (value.is_map()) {
    for (const auto& entry : value.map()) add_reasons(entry.second, reasons);
  }
}

}  // namespace

std::optional<Value> Arguments::take(std::string_view name) {
  for (auto it = named.begin(); it != named.end(); ++it)
    if (it->first == name) {
      Value value = std::move(it->second);
      named.erase(it);
      return value;
    }
  return std::nullopt;
}

std::optional<Value> Thing::member(std::string_view) const {
  return std::nullopt;
}

Value Thing::call(Context&, Arguments) const {
  throw Error(std::string(what()) + " cannot be called");
}

std::string Thing::print() const {
  return "<" + std::string(what()) + ">";
}

std::optional<Value> Thing::operate(char, const Value&) const {
  return std::nullopt;
}

std::optional<int> Thing::order(const Thing& other) const {
  return this == &other ? std::optional(0) : std::nullopt;
}

Value undefined(std::string name, Error error) {
  return Value(std::make_shared<const Undefined>(std::move(name), std::move(error)));
}

const Undefined* as_undefined(const Value& value) {
  return value.is_object() ? dynamic_cast<const Undefined*>(value.object().get()) : nullptr;
}

Value tuple(List items) {
  return Value(std::make_shared<const Tuple>(std::move(items)));
}

const Tuple* as_tuple(const Value& value) {
  return value.is_object() ? dynamic_cast<const Tuple*>(value.object().get()) : nullptr;
}

const List* as_list(const Value& value) {
  if (value.is_list()) return &value.list();
  const Tuple* found = as_tuple(value);
  return found ? &found->items() : nullptr;
}

const Thing* as_thing(const Value& value) {
  return value.is_object() ? dynamic_cast<const Thing*>(value.object().get()) : nullptr;
}

std::optional<List> iterated(const Value& value) {
  if (const List* items = as_list(value)) return *items;
  List parts;
  if (value.is_map())
    for (const auto& entry : value.map()) parts.emplace_back(entry.first);
  else if (value.is_string())
    for (const char32_t point : code_points(value.string())) parts.emplace_back(utf8(std::u32string(1, point)));
  else
    return std::nullopt;
  return parts;
}

std::optional<Value> Namespace::member(std::string_view name) const {
  const Value* found = members_.find(name);
  return found ? std::optional(*found) : std::nullopt;
}

std::string_view kind_name(const Value& value) {
  return value.is_object() ? value.object()->what() : name_of(value.kind());
}

Value both_unknown(const Value& a, const Value& b) {
  Strings reasons;
  add_reasons(a, reasons);
  add_reasons(b, reasons);
  return Value::unknown(std::move(reasons));
}

namespace {

constexpr std::size_t most_nodes = 20'000'000;  // lists may hold the same list many times

const Value* find_unknown(const Value& value, std::size_t& left) {
  if (left-- == 0) throw Error("a value is too large");
  if (value.is_unknown()) return &value;
  if (const List* items = as_list(value)) {
    for (const Value& item : *items)
      if (const Value* found = find_unknown(item, left)) return found;
  } else if (value.is_map()) {
    for (const auto& entry : value.map())
      if (const Value* found = find_unknown(entry.second, left)) return found;
  }
  return nullptr;
}

// Looks at the first parts of a value only: what grows deep step by step is found out in time all the same.
int nesting(const Value& value, std::size_t& left) {
  if (left == 0) return 0;
  --left;
  int deepest = 0;
  if (const List* items = as_list(value)) {
    for (const Value& item : *items)
      if (left > 0) deepest = std::max(deepest, 1 + nesting(item, left));
  } else if (value.is_map()) {
    for (const auto& entry : value.map())
      if (left > 0) deepest = std::max(deepest, 1 + nesting(entry.second, left));
  }
  return deepest;
}

}  // namespace

void need_shallow(const Value& value) {
  std::size_t left = 1000;
  if (nesting(value, left) > 300) throw Error("a value is nested too deeply");
}

const Value* unknown_within(const Value& value) {
  if (!value.is_list() && !value.is_map() && !value.is_object()) return value.is_unknown() ? &value : nullptr;
  std::size_t left = most_nodes;
  return find_unknown(value, left);
}

std::optional<Value> unknown_of(const Value& value) {
  if (!unknown_within(value)) return std::nullopt;
  Strings reasons;
  add_reasons(value, reasons);
  return Value::unknown(std::move(reasons));
}

}  // namespace agent::jinja
