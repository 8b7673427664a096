// Filters that use other filters, tests or attributes on each item.
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/sorting.hpp>

namespace agent::jinja {

namespace {

std::optional<Value> named(const Bound& arguments, std::string_view name) {
  for (const auto& [key, value] : arguments.named_rest())
    if (key == name) return value;
  return std::nullopt;
}

Value map_attribute(Context& context, const List& items, const Value& path, const std::optional<Value>& otherwise) {
  List result;
  for (const Value& item : items) {
    Value found = attribute_path(context, item, path);
    if (is_undefined(found) && otherwise) found = *otherwise;
    result.push_back(std::move(found));
  }
  return result;
}

Value map_(Context& context, const Value& input, const Bound& arguments) {
  if (input.is_null()) return List();
  const List items = items_of(input);
  if (const auto path = named(arguments, "attribute"); path && arguments.rest().empty())
    return map_attribute(context, items, *path, named(arguments, "default"));
  if (arguments.rest().empty())
    throw Error("'map' needs the name of a filter").hint("map('upper'), or map(attribute='name')");
  const std::string filter = print(arguments.rest().front());
  Arguments given;
  given.positional.assign(arguments.rest().begin() + 1, arguments.rest().end());
  given.named = arguments.named_rest();
  List result;
  result.reserve(items.size());
  for (const Value& item : items) result.push_back(context.filtered(filter, item, given));
  return result;
}

// Keeps the items (or those whose attribute, the first argument) for which a test, or plain truth, holds.
Value selected(Context& context, const Value& input, const Bound& arguments, bool wanted, bool by_attribute) {
  if (input.is_null()) return List();
  const List& given = arguments.rest();
  const std::size_t skipped = by_attribute ? 1 : 0;
  if (given.size() < skipped) throw Error("the name of an attribute is missing");
  List result;
  for (const Value& item : items_of(input)) {
    const Value value = by_attribute ? attribute_path(context, item, given.front()) : item;
    bool holds = false;
    if (given.size() == skipped) {
      holds = truth(value);
    } else {
      Arguments rest;
      rest.positional.assign(given.begin() + static_cast<std::ptrdiff_t>(skipped) + 1, given.end());
      rest.named = arguments.named_rest();
      holds = context.tested(print(given[skipped]), value, std::move(rest));
    }
    if (holds == wanted) result.push_back(item);
  }
  return result;
}

Value select(Context& context, const Value& input, const Bound& arguments) {
  return selected(context, input, arguments, true, false);
}

Value reject(Context& context, const Value& input, const Bound& arguments) {
  return selected(context, input, arguments, false, false);
}

Value select_attribute(Context& context, const Value& input, const Bound& arguments) {
  return selected(context, input, arguments, true, true);
}

Value reject_attribute(Context& context, const Value& input, const Bound& arguments) {
  return selected(context, input, arguments, false, true);
}

/// One group of groupby: a pair that also has names.
class Group : public Tuple {
 public:
  using Tuple::Tuple;
  std::optional<Value> member(std::string_view name) const override {
    if (name == "grouper") return items()[0];
    if (name == "list") return items()[1];
    return std::nullopt;
  }
};

Value group_by(Context& context, const Value& input, const Bound& arguments) {
  const bool case_sensitive = arguments.flag(2);
  const Value& path = arguments[0];
  const auto key_of = [&](const Value& item) {
    Value key = attribute_path(context, item, path);
    if (is_undefined(key) && arguments.has(1) && !arguments[1].is_null()) key = arguments[1];
    return key;
  };
  struct Keyed {
    Value key, folded;
    List items;
  };
  List pairs;
  for (const Value& item : items_of(input)) pairs.push_back(tuple({key_of(item), item}));
  const SortKey by_key(Value(0), case_sensitive);
  std::vector<Keyed> groups;
  for (const Value& pair : sorted(context, pairs, by_key, false)) {
    const List& cells = *as_list(pair);
    Value folded = by_key.of(context, pair);
    if (groups.empty() || !equals(groups.back().folded, folded)) groups.push_back({cells[0], std::move(folded), {}});
    groups.back().items.push_back(cells[1]);
  }
  List result;
  for (Keyed& group : groups)
    result.push_back(Value(std::make_shared<const Group>(List{group.key, Value(std::move(group.items))})));
  return result;
}

Value attribute(Context& context, const Value& input, const Bound& arguments) {
  return context.attribute(input, arguments.text(0));
}

// item | extract(container, morekeys): container[item][morekeys...]
Value extract(Context& context, const Value& input, const Bound& arguments) {
  Value found = context.item(arguments[0], input);
  if (!arguments.has(1) || arguments[1].is_null()) return found;
  const List* several = as_list(arguments[1]);
  for (const Value& key : several ? *several : List{arguments[1]}) found = context.item(found, key);
  return found;
}

}  // namespace

const Filters& selection_filters() {
  static const Filters filters = {{"map", "*, **", map_},
                                  {"select", "*, **", select},
                                  {"reject", "*, **", reject},
                                  {"selectattr", "*, **", select_attribute},
                                  {"rejectattr", "*, **", reject_attribute},
                                  {"groupby", "attribute, default=, case_sensitive=", group_by},
                                  {"attr", "name", attribute},
                                  {"extract", "container, morekeys=", extract}};
  return filters;
}

}  // namespace agent::jinja
