// Filters on mappings.
#include <algorithm>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/sorting.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// What becomes of two lists under the same key.
List merged_lists(const List& old, const List& fresh, const std::string& how) {
  const auto joined = [](const List& a, const List& b) {
    List both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
  };
  const auto without = [](const List& items, const List& unwanted) {
    List kept;
    for (const Value& item : items)
      if (!contains(Value(unwanted), item)) kept.push_back(item);
    return kept;
  };
  if (how == "replace") return fresh;
  if (how == "keep") return old;
  if (how == "append") return joined(old, fresh);
  if (how == "prepend") return joined(fresh, old);
  if (how == "append_rp") return joined(without(old, fresh), fresh);
  return joined(fresh, without(old, fresh));
}

bool are_same(const Value& a, const Value& b) {
  try {
    return equals(a, b);
  } catch (const Unknown&) {
    return false;
  }
}

// As the reference: what is the same is not merged, so that lists do not grow.
Value merged(const Value& old, const Value& fresh, bool recursive, const std::string& lists, int depth) {
  if (depth > 200) throw Error("the mappings are nested too deeply");
  if (old.map().empty() || are_same(old, fresh)) return fresh;
  if (fresh.map().empty()) return old;
  Map result = old.map();
  for (const auto& [key, value] : fresh.map()) {
    const Value* there = result.find(key);
    if (there && recursive && there->is_map() && value.is_map())
      result.set(key, merged(*there, value, true, lists, depth + 1));
    else if (there && there->is_list() && value.is_list())
      result.set(key, Value(merged_lists(there->list(), value.list(), lists)));
    else
      result.set(key, value);
  }
  return result;
}

void collect_maps(Context& context, const Value& value, std::vector<Value>& maps) {
  const Value opened = context.opened(value);
  if (const List* items = as_list(opened)) {
    for (const Value& item : *items) collect_maps(context, item, maps);
  } else if (!opened.is_unknown()) {
    map_of(opened);
    maps.push_back(opened);
  } else {
    throw Unknown(opened.reasons());
  }
}

Value combine(Context& context, const Value& input, const Bound& arguments) {
  bool recursive = false;
  std::string lists = "replace";
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name == "recursive")
      recursive = truth(value);
    else if (name == "list_merge")
      lists = print(value);
    else
      throw Error("'combine' has no argument '" + name + "'").hint("it takes 'recursive' and 'list_merge'");
  }
  const Strings known = {"replace", "keep", "append", "prepend", "append_rp", "prepend_rp"};
  if (std::find(known.begin(), known.end(), lists) == known.end())
    throw Error("'list_merge' cannot be '" + lists + "'")
        .hint("it is replace, keep, append, prepend, append_rp or prepend_rp");
  std::vector<Value> maps;
  collect_maps(context, input, maps);
  for (const Value& more : arguments.rest()) collect_maps(context, more, maps);
  if (maps.empty()) return Map();
  Value result = maps.back();
  for (std::size_t i = maps.size() - 1; i-- > 0;) result = merged(maps[i], result, recursive, lists, 0);
  return result;
}

Value dict_to_items(Context&, const Value& input, const Bound& arguments) {
  const std::string key_name = arguments.text(0, "key"), value_name = arguments.text(1, "value");
  List items;
  for (const auto& [key, value] : map_of(input)) items.emplace_back(Map{{key_name, key}, {value_name, value}});
  return items;
}

Value items_to_dict(Context&, const Value& input, const Bound& arguments) {
  const std::string key_name = arguments.text(0, "key"), value_name = arguments.text(1, "value");
  if (!as_list(input)) throw Error("expected a list of mappings, found " + std::string(kind_name(input)));
  Map map;
  for (const Value& item : *as_list(input)) {
    const Map& entry = map_of(item);
    const Value *key = entry.find(key_name), *value = entry.find(value_name);
    if (!key || !value)
      throw Error("an item has no '" + (key ? value_name : key_name) + "': " + print(item))
          .hint("'key_name' and 'value_name' say what the members are called");
    map.set(print(*key), *value);
  }
  return map;
}

Value dict_sort(Context&, const Value& input, const Bound& arguments) {
  const bool case_sensitive = arguments.flag(0), reverse = arguments.flag(2);
  const std::string by = arguments.text(1, "key");
  if (by != "key" && by != "value") throw Error("'by' has to be 'key' or 'value', not '" + by + "'");
  struct Entry {
    Value sort_key, pair;
  };
  std::vector<Entry> entries;
  for (const auto& [key, value] : map_of(input)) {
    Value sort_key = by == "key" ? Value(key) : value;
    if (sort_key.is_string() && !case_sensitive) sort_key = lower(sort_key.string());
    entries.push_back({std::move(sort_key), tuple({key, value})});
  }
  for (std::size_t i = 1; i < entries.size(); ++i) strict_order(entries[i - 1].sort_key, entries[i].sort_key);
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    const int difference = strict_order(a.sort_key, b.sort_key);
    return reverse ? difference > 0 : difference < 0;
  });
  List pairs;
  for (Entry& entry : entries) pairs.push_back(std::move(entry.pair));
  return pairs;
}

Value items(Context&, const Value& input, const Bound&) {
  List pairs;
  if (is_undefined(input)) return pairs;
  for (const auto& [key, value] : map_of(input)) pairs.push_back(tuple({key, value}));
  return pairs;
}

Value subelements(Context& context, const Value& input, const Bound& arguments) {
  const bool skip_missing = arguments.flag(1);
  List path;
  if (const List* several = as_list(arguments[0]))
    path = *several;
  else
    for (const std::string& part : split(arguments.text(0), ".")) path.emplace_back(part);
  List rows;
  const List elements = input.is_map() ? [&] {
    List values;
    for (const auto& entry : input.map()) values.push_back(entry.second);
    return values;
  }() : items_of(input);
  for (const Value& element : elements) {
    Value found = element;
    for (const Value& part : path) {
      if (!found.is_map())
        throw Error("expected a mapping with '" + print(part) + "', found " + std::string(kind_name(found)));
      found = context.item(found, part);
      if (is_undefined(found)) break;
    }
    if (is_undefined(found)) {
      if (skip_missing) continue;
      throw Error("an element has no '" + arguments.text(0) + "'")
          .hint("'skip_missing=true' passes over such elements");
    }
    if (!as_list(found))
      throw Error("'" + print(path.back()) + "' has to be a list, and this is " + std::string(kind_name(found)));
    for (const Value& item : *as_list(found)) rows.push_back(tuple({element, item}));
  }
  return rows;
}

// [{name: a, x: 1}] by `name` -> {a: {name: a, x: 1}}
Value rekey_on_member(Context&, const Value& input, const Bound& arguments) {
  const std::string key = arguments.text(0), duplicates = arguments.text(1, "error");
  if (duplicates != "error" && duplicates != "overwrite")
    throw Error("'duplicates' has to be 'error' or 'overwrite', not '" + duplicates + "'");
  Map result;
  const auto add = [&](const Value& item) {
    const Value* found = map_of(item).find(key);
    if (!found) throw Error("an item has no member '" + key + "'");
    const std::string name = print(*found);
    if (duplicates == "error" && result.contains(name))
      throw Error("'" + name + "' occurs twice").hint("or set duplicates='overwrite'");
    result.set(name, item);
  };
  if (input.is_map())
    for (const auto& entry : input.map()) add(entry.second);
  else
    for (const Value& item : items_of(input)) add(item);
  return result;
}

}  // namespace

const Filters& map_filters() {
  static const Filters filters = {{"combine", "*, **", combine},
                                  {"dict2items", "key_name=, value_name=", dict_to_items},
                                  {"items2dict", "key_name=, value_name=", items_to_dict},
                                  {"dictsort", "case_sensitive=, by=, reverse=", dict_sort},
                                  {"items", "", items, Filter::undefined},
                                  {"subelements", "subelements, skip_missing=", subelements},
                                  {"rekey_on_member", "key, duplicates=", rekey_on_member}};
  return filters;
}

}  // namespace agent::jinja
