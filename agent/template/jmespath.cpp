#include <agent/template/compare.hpp>
#include <agent/template/jmespath.hpp>
#include <agent/template/jmespath_ast.hpp>
#include <agent/template/methods.hpp>
#include <agent/template/objects.hpp>

namespace agent::jinja {

namespace jmes {

namespace {

using Kind = Node::Kind;

// Runs `node` on each item, and leaves nothings out.
Value project(const List& items, const Node& node) {
  List found;
  for (const Value& item : items) {
    Value value = evaluate(node, item);
    if (!value.is_null()) found.push_back(std::move(value));
  }
  return found;
}

// Booleans and numbers are different things here.
bool same(const Value& a, const Value& b) {
  if (a.is_boolean() != b.is_boolean() || a.is_string() != b.is_string()) return false;
  return equals(a, b);
}

Value compare(const Node& node, const Value& current) {
  const Value left = evaluate(*node.children[0], current), right = evaluate(*node.children[1], current);
  if (node.text == "==") return same(left, right);
  if (node.text == "!=") return !same(left, right);
  const bool comparable = (left.is_number() && right.is_number()) || (left.is_string() && right.is_string());
  if (!comparable) return nullptr;
  const int difference = strict_order(left, right);
  if (node.text == "<") return difference < 0;
  if (node.text == "<=") return difference <= 0;
  return node.text == ">" ? difference > 0 : difference >= 0;
}

Value flattened(const Value& value) {
  const List* items = as_list(value);
  if (!items) return nullptr;
  List flat;
  for (const Value& item : *items) {
    if (const List* inner = as_list(item))
      flat.insert(flat.end(), inner->begin(), inner->end());
    else
      flat.push_back(item);
  }
  return flat;
}

Value indexed(const Value& current, std::int64_t index) {
  const List* items = as_list(current);
  if (!items) return nullptr;
  if (index < 0) index += static_cast<std::int64_t>(items->size());
  return index >= 0 && index < static_cast<std::int64_t>(items->size()) ? (*items)[static_cast<std::size_t>(index)]
                                                                        : Value();
}

Value filtered(const Node& node, const Value& current) {
  const Value base = evaluate(*node.children[0], current);
  const List* items = as_list(base);
  if (!items) return nullptr;
  List chosen;
  for (const Value& item : *items)
    if (is_truth(evaluate(*node.children[2], item))) chosen.push_back(item);
  return project(chosen, *node.children[1]);
}

Value projected_values(const Node& node, const Value& current) {
  const Value base = evaluate(*node.children[0], current);
  if (!base.is_map()) return nullptr;
  List values;
  for (const auto& entry : base.map()) values.push_back(entry.second);
  return project(values, *node.children[1]);
}

}  // namespace

bool is_truth(const Value& value) {
  return value.is_number() || truth(value);
}

Value evaluate(const Node& node, const Value& current) {
  if (current.is_unknown()) throw Unknown(current.reasons());
  switch (node.kind) {
    case Kind::current:
    case Kind::reference:
      return current;
    case Kind::field:
      return current[node.text];
    case Kind::literal:
      return node.value;
    case Kind::index:
      return indexed(current, node.index);
    case Kind::slice:
      return as_list(current) ? sliced(current, node.slice[0], node.slice[1], node.slice[2]) : Value();
    case Kind::sub:
    case Kind::pipe: {
      const Value left = evaluate(*node.children[0], current);
      const Kind right = node.children[1]->kind;
      // A list or map of expressions of nothing is nothing.
      if (node.kind == Kind::sub && left.is_null() && (right == Kind::list || right == Kind::map)) return nullptr;
      return evaluate(*node.children[1], left);
    }
    case Kind::project_list: {
      const Value base = evaluate(*node.children[0], current);
      const List* items = as_list(base);
      return items ? project(*items, *node.children[1]) : Value();
    }
    case Kind::project_values:
      return projected_values(node, current);
    case Kind::flatten:
      return flattened(evaluate(*node.children[0], current));
    case Kind::filter:
      return filtered(node, current);
    case Kind::list: {
      if (current.is_null()) return nullptr;
      List items;
      for (const auto& child : node.children) items.push_back(evaluate(*child, current));
      return items;
    }
    case Kind::map: {
      if (current.is_null()) return nullptr;
      Map map;
      for (std::size_t i = 0; i < node.keys.size(); ++i) map.set(node.keys[i], evaluate(*node.children[i], current));
      return map;
    }
    case Kind::compare:
      return compare(node, current);
    case Kind::both: {
      Value left = evaluate(*node.children[0], current);
      return is_truth(left) ? evaluate(*node.children[1], current) : left;
    }
    case Kind::either: {
      Value left = evaluate(*node.children[0], current);
      return is_truth(left) ? left : evaluate(*node.children[1], current);
    }
    case Kind::negate:
      return !is_truth(evaluate(*node.children[0], current));
    case Kind::call:
      return call(node, current);
  }
  return nullptr;
}

}  // namespace jmes

Value jmespath(std::string_view query, const Value& value) {
  return jmes::evaluate(*jmes::parse(query), value);
}

}  // namespace agent::jinja
