#include <algorithm>
#include <cmath>
#include <map>

#include <agent/template/compare.hpp>
#include <agent/template/jmespath_ast.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja::jmes {

namespace {

/// One call: its arguments, evaluated as they are asked for.
class Call {
 public:
  Call(const Node& node, const Value& current) : node_(node), current_(current) {}

  std::size_t size() const { return node_.children.size(); }
  Value any(std::size_t i) const { return evaluate(child(i), current_); }
  List list(std::size_t i) const {
    const Value value = any(i);
    const List* items = as_list(value);
    if (!items) wrong(i, "a list", value);
    return *items;
  }
  std::string text(std::size_t i) const {
    const Value value = any(i);
    if (!value.is_string()) wrong(i, "text", value);
    return value.string();
  }
  double number(std::size_t i) const {
    const Value value = any(i);
    if (!value.is_number()) wrong(i, "a number", value);
    return value.real();
  }
  Map map(std::size_t i) const {
    const Value value = any(i);
    if (!value.is_map()) wrong(i, "a mapping", value);
    return value.map();
  }
  // `&expression`, to be used on each item.
  const Node& reference(std::size_t i) const {
    if (child(i).kind != Node::Kind::reference)
      throw Error("'" + node_.text + "' of the query needs '&' before its argument " + std::to_string(i + 1));
    return *child(i).children[0];
  }

 private:
  const Node& child(std::size_t i) const { return *node_.children.at(i); }
  [[noreturn]] void wrong(std::size_t i, const char* expected, const Value& found) const {
    throw Error("'" + node_.text + "' of the query needs " + expected + " as argument " + std::to_string(i + 1) +
                ", and this is " + std::string(kind_name(found)));
  }
  const Node& node_;
  const Value& current_;
};

Value length(const Call& call) {
  const Value value = call.any(0);
  if (value.is_string()) return character_count(value.string());
  if (value.is_map()) return value.map().size();
  return call.list(0).size();
}

Value contains_(const Call& call) {
  const Value where = call.any(0), what = call.any(1);
  if (where.is_string()) return what.is_string() && where.string().find(what.string()) != std::string::npos;
  return contains(Value(call.list(0)), what);
}

Value keys(const Call& call) {
  List names;
  for (const auto& entry : call.map(0)) names.emplace_back(entry.first);
  return names;
}

Value values(const Call& call) {
  List list;
  for (const auto& entry : call.map(0)) list.push_back(entry.second);
  return list;
}

Value reverse(const Call& call) {
  const Value value = call.any(0);
  if (value.is_string()) {
    CodePoints points = code_points(value.string());
    std::reverse(points.begin(), points.end());
    return utf8(points);
  }
  List items = call.list(0);
  std::reverse(items.begin(), items.end());
  return items;
}

List sorted_by(List items, const Node* key) {
  List keys;
  for (const Value& item : items) keys.push_back(key ? evaluate(*key, item) : item);
  for (std::size_t i = 1; i < keys.size(); ++i) strict_order(keys[i - 1], keys[i]);
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return strict_order(keys[a], keys[b]) < 0; });
  List result;
  for (const std::size_t i : order) result.push_back(items[i]);
  return result;
}

Value sort(const Call& call) {
  return sorted_by(call.list(0), nullptr);
}
Value sort_by(const Call& call) {
  return sorted_by(call.list(0), &call.reference(1));
}

Value extreme(const List& items, const Node* key, bool largest) {
  if (items.empty()) return nullptr;
  const List sorted = sorted_by(items, key);
  return largest ? sorted.back() : sorted.front();
}
Value max(const Call& call) {
  return extreme(call.list(0), nullptr, true);
}
Value min(const Call& call) {
  return extreme(call.list(0), nullptr, false);
}
Value max_by(const Call& call) {
  return extreme(call.list(0), &call.reference(1), true);
}
Value min_by(const Call& call) {
  return extreme(call.list(0), &call.reference(1), false);
}

Value sum(const Call& call) {
  double total = 0;
  bool is_whole_number = true;
  for (const Value& item : call.list(0)) {
    if (!item.is_number()) throw Error("'sum' of the query needs numbers");
    is_whole_number = is_whole_number && item.is_integer();
    total += item.real();
  }
  return is_whole_number ? Value(static_cast<std::int64_t>(total)) : Value(total);
}

Value average(const Call& call) {
  const List items = call.list(0);
  if (items.empty()) return nullptr;
  return sum(call).real() / static_cast<double>(items.size());
}

Value join(const Call& call) {
  const std::string separator = call.text(0);
  std::string text;
  bool is_first = true;
  for (const Value& item : call.list(1)) {
    if (!item.is_string()) throw Error("'join' of the query needs texts");
    text += (is_first ? "" : separator) + item.string();
    is_first = false;
  }
  return text;
}

Value starts_with(const Call& call) {
  return call.text(0).rfind(call.text(1), 0) == 0;
}
Value ends_with(const Call& call) {
  const std::string text = call.text(0);
  return std::string_view(text).ends_with(call.text(1));
}

Value to_string(const Call& call) {
  const Value value = call.any(0);
  return value.is_string() ? value : Value(value.json());
}
Value to_number(const Call& call) {
  const Value value = call.any(0);
  if (value.is_number()) return value;
  if (!value.is_string()) return nullptr;
  if (const auto number = parse_integer(value.string())) return *number;
  const auto real = parse_real(value.string());
  return real ? Value(*real) : Value();
}
Value to_array(const Call& call) {
  const Value value = call.any(0);
  return as_list(value) ? value : Value(List{value});
}

Value type(const Call& call) {
  const Value value = call.any(0);
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_map() ? "object" : "array";
}

Value map_(const Call& call) {
  List results;
  for (const Value& item : call.list(1)) results.push_back(evaluate(call.reference(0), item));
  return results;
}

Value merge(const Call& call) {
  Map all;
  for (std::size_t i = 0; i < call.size(); ++i) all.merge(call.map(i));
  return all;
}

Value not_null(const Call& call) {
  for (std::size_t i = 0; i < call.size(); ++i)
    if (Value value = call.any(i); !value.is_null()) return value;
  return nullptr;
}

Value absolute(const Call& call) {
  const Value value = call.any(0);
  if (value.is_integer()) return value.integer() < 0 ? -value.integer() : value.integer();
  return std::abs(call.number(0));
}
Value ceiling(const Call& call) {
  return static_cast<std::int64_t>(std::ceil(call.number(0)));
}
Value floor_(const Call& call) {
  return static_cast<std::int64_t>(std::floor(call.number(0)));
}

struct Function {
  Value (*run)(const Call&);
  std::size_t least, most;
};

const std::map<std::string_view, Function>& functions() {
  static const std::map<std::string_view, Function> known = {{"abs", {absolute, 1, 1}},
                                                             {"avg", {average, 1, 1}},
                                                             {"ceil", {ceiling, 1, 1}},
                                                             {"contains", {contains_, 2, 2}},
                                                             {"ends_with", {ends_with, 2, 2}},
                                                             {"floor", {floor_, 1, 1}},
                                                             {"join", {join, 2, 2}},
                                                             {"keys", {keys, 1, 1}},
                                                             {"length", {length, 1, 1}},
                                                             {"map", {map_, 2, 2}},
                                                             {"max", {max, 1, 1}},
                                                             {"max_by", {max_by, 2, 2}},
                                                             {"merge", {merge, 0, 100}},
                                                             {"min", {min, 1, 1}},
                                                             {"min_by", {min_by, 2, 2}},
                                                             {"not_null", {not_null, 1, 100}},
                                                             {"reverse", {reverse, 1, 1}},
                                                             {"sort", {sort, 1, 1}},
                                                             {"sort_by", {sort_by, 2, 2}},
                                                             {"starts_with", {starts_with, 2, 2}},
                                                             {"sum", {sum, 1, 1}},
                                                             {"to_array", {to_array, 1, 1}},
                                                             {"to_number", {to_number, 1, 1}},
                                                             {"to_string", {to_string, 1, 1}},
                                                             {"type", {type, 1, 1}},
                                                             {"values", {values, 1, 1}}};
  return known;
}

}  // namespace

Value call(const Node& node, const Value& current) {
  const auto found = functions().find(node.text);
  if (found == functions().end()) {
    Strings names;
    for (const auto& entry : functions()) names.emplace_back(entry.first);
    Error error("JMESPath has no function '" + node.text + "'");
    if (auto hint = did_you_mean(node.text, names)) error.hint(*std::move(hint));
    throw error;
  }
  const Function& function = found->second;
  if (node.children.size() < function.least || node.children.size() > function.most)
    throw Error("'" + node.text + "' of the query takes " + std::to_string(function.least) +
                " arguments, and here are " + std::to_string(node.children.size()));
  return function.run(Call(node, current));
}

}  // namespace agent::jinja::jmes
