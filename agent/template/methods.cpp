// The Python methods of text, lists and mappings.
#include <algorithm>

#include <agent/template/base64.hpp>
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/formatting.hpp>
#include <agent/template/methods.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/sorting.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

const Strings& list_changes() {
  static const Strings names = {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"};
  return names;
}
const Strings& map_changes() {
  static const Strings names = {"update", "pop", "popitem", "setdefault", "clear"};
  return names;
}
bool has(const Strings& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Value& argument(const Arguments& arguments, std::size_t i, std::string_view method) {
  if (i >= arguments.positional.size())
    throw Error("'" + std::string(method) + "' needs " +
                (i == 0 ? "an argument" : std::to_string(i + 1) + " arguments"));
  if (const Undefined* missing = as_undefined(arguments.positional[i])) throw UndefinedError(missing->error());
  return arguments.positional[i];
}

// Where Python's index `i` is in a list of `size`, for inserting: pushed into its bounds.
std::ptrdiff_t clamped(std::int64_t i, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (i < 0) i = std::max<std::int64_t>(0, i + count);
  return static_cast<std::ptrdiff_t>(std::min(i, count));
}

Value popped(List& items, const Arguments& arguments) {
  if (items.empty()) throw Error("'pop' from an empty list");
  std::int64_t at = -1;
  if (!arguments.positional.empty()) {
    if (!is_whole(arguments.positional[0])) throw Error("'pop' of a list needs a whole number");
    at = whole(arguments.positional[0]);
  }
  if (at < 0) at += static_cast<std::int64_t>(items.size());
  if (at < 0 || at >= static_cast<std::int64_t>(items.size())) throw Error("'pop' has no such item in the list");
  Value value = items[static_cast<std::size_t>(at)];
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
  return value;
}

void sort_in_place(List& items, const Arguments& arguments) {
  bool reverse = false;
  for (const auto& [name, value] : arguments.named) {
    if (name != "reverse")
      throw Error("'sort' has no argument '" + name + "' here").hint("'| sort(attribute=...)' does more");
    reverse = truth(value);
  }
  for (std::size_t i = 1; i < items.size(); ++i) strict_order(items[i - 1], items[i]);
  std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
    return reverse ? strict_order(b, a) < 0 : strict_order(a, b) < 0;
  });
}

void update(Map& map, const Arguments& arguments) {
  if (!arguments.positional.empty()) {
    const Value& more = argument(arguments, 0, "update");
    if (more.is_unknown()) throw Unknown(more.reasons());
    if (more.is_map()) {
      map.merge(more.map());
    } else {
      for (const Value& pair : items_of(more)) {
        const List cells = items_of(pair);
        if (cells.size() != 2) throw Error("'update' needs a mapping, or pairs of keys and values");
        map.set(print(cells[0]), cells[1]);
      }
    }
  }
  for (const auto& [name, value] : arguments.named) map.set(name, value);
}

}  // namespace

bool is_changing_method(std::string_view name) {
  return has(list_changes(), name) || has(map_changes(), name);
}

bool changes(const Value& value, std::string_view name) {
  return (value.is_list() && has(list_changes(), name)) || (value.is_map() && has(map_changes(), name));
}

Value change_list(List& items, std::string_view method, const Arguments& arguments) {
  if (method == "append") {
    items.push_back(argument(arguments, 0, method));
  } else if (method == "extend") {
    const List more = items_of(argument(arguments, 0, method));
    items.insert(items.end(), more.begin(), more.end());
  } else if (method == "insert") {
    const Value& at = argument(arguments, 0, method);
    if (!is_whole(at)) throw Error("'insert' needs a whole number first");
    items.insert(items.begin() + clamped(whole(at), items.size()), argument(arguments, 1, method));
  } else if (method == "remove") {
    const Value& value = argument(arguments, 0, method);
    const auto found = std::find_if(items.begin(), items.end(), [&](const Value& item) { return equals(item, value); });
    if (found == items.end()) throw Error("'remove' finds no " + repr(value) + " in the list");
    items.erase(found);
  } else if (method == "pop") {
    return popped(items, arguments);
  } else if (method == "clear") {
    items.clear();
  } else if (method == "sort") {
    sort_in_place(items, arguments);
  } else if (method == "reverse") {
    std::reverse(items.begin(), items.end());
  }
  return {};
}

Value change_map(Map& map, std::string_view method, const Arguments& arguments) {
  if (method == "update") {
    update(map, arguments);
  } else if (method == "clear") {
    map = Map();
  } else if (method == "popitem") {
    if (map.empty()) throw Error("'popitem' from an empty mapping");
    const Map::Entry last = *(map.end() - 1);
    map.erase(last.first);
    return tuple({last.first, last.second});
  } else {
    const std::string key = print(argument(arguments, 0, method));
    const bool has_default = arguments.positional.size() > 1;
    if (const Value* found = map.find(key)) {
      const Value value = *found;
      if (method == "pop") map.erase(key);
      return value;
    }
    if (method == "setdefault") {
      const Value value = has_default ? arguments.positional[1] : Value();
      map.set(key, value);
      return value;
    }
    if (!has_default) throw Error("'pop' finds no '" + key + "' in the mapping");
    return arguments.positional[1];
  }
  return {};
}

namespace {

struct Range {
  std::int64_t start, stop, step;
};

Range range_of(std::optional<std::int64_t> start, std::optional<std::int64_t> stop, std::optional<std::int64_t> step,
               std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  const std::int64_t by = step.value_or(1);
  if (by == 0) throw Error("the step of a slice cannot be 0");
  const auto bound = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
    if (!given) return otherwise;
    std::int64_t at = *given;
    if (at < 0) at = at < -count ? -1 - count : at;
    if (at < 0) at += count;
    return by > 0 ? std::clamp<std::int64_t>(at, 0, count) : std::clamp<std::int64_t>(at, -1, count - 1);
  };
  return by > 0 ? Range{bound(start, 0), bound(stop, count), by} : Range{bound(start, count - 1), bound(stop, -1), by};
}

template <class Take>
void walk(const Range& range, Take take) {
  for (std::int64_t i = range.start; range.step > 0 ? i < range.stop : i > range.stop;) {
    take(static_cast<std::size_t>(i));
    if (__builtin_add_overflow(i, range.step, &i)) break;
  }
}

}  // namespace

Value sliced(const Value& value, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
             std::optional<std::int64_t> step) {
  if (value.is_string()) {
    const CodePoints points = code_points(value.string());
    CodePoints result;
    walk(range_of(start, stop, step, points.size()), [&](std::size_t i) { result.push_back(points[i]); });
    return utf8(result);
  }
  const List* items = as_list(value);
  if (!items) throw Error(std::string(kind_name(value)) + " cannot be sliced").hint("expected a list or text");
  List result;
  walk(range_of(start, stop, step, items->size()), [&](std::size_t i) { result.push_back((*items)[i]); });
  return value.is_list() ? Value(std::move(result)) : tuple(std::move(result));
}

namespace {

// Methods that change something, used on what is no variable: the change is lost, as the object is in Python.
template <const char* const& name>
Value change_copy(Context&, const Value& self, const Bound& arguments) {
  Arguments given{arguments.rest(), arguments.named_rest()};
  if (self.is_map()) {
    Map map = self.map();
    return change_map(map, name, given);
  }
  List items = items_of(self);
  return change_list(items, name, given);
}

Value index_of(Context&, const Value& self, const Bound& arguments) {
  const List items = items_of(self);
  for (std::size_t i = 0; i < items.size(); ++i)
    if (equals(items[i], arguments[0])) return i;
  throw Error("there is no " + repr(arguments[0]) + " in the list");
}

Value count_of(Context&, const Value& self, const Bound& arguments) {
  const List items = items_of(self);
  return std::count_if(items.begin(), items.end(), [&](const Value& item) { return equals(item, arguments[0]); });
}

Value copy(Context&, const Value& self, const Bound&) {
  return self;
}

Value keys(Context&, const Value& self, const Bound&) {
  return items_of(self);
}

Value values(Context&, const Value& self, const Bound&) {
  List list;
  for (const auto& entry : self.map()) list.push_back(entry.second);
  return list;
}

Value entries(Context&, const Value& self, const Bound&) {
  List list;
  for (const auto& [key, value] : self.map()) list.push_back(tuple({key, value}));
  return list;
}

Value get(Context&, const Value& self, const Bound& arguments) {
  const Undefined* missing = as_undefined(arguments[0]);
  if (missing) throw UndefinedError(missing->error());
  if (arguments[0].is_unknown()) return arguments[0];
  const Value* found = self.map().find(print(arguments[0]));
  return found ? *found : arguments[1];
}

constexpr const char* append_name = "append";
constexpr const char* extend_name = "extend";
constexpr const char* insert_name = "insert";
constexpr const char* remove_name = "remove";
constexpr const char* pop_name = "pop";
constexpr const char* clear_name = "clear";
constexpr const char* sort_name = "sort";
constexpr const char* reverse_name = "reverse";
constexpr const char* update_name = "update";
constexpr const char* popitem_name = "popitem";
constexpr const char* setdefault_name = "setdefault";

}  // namespace

const Filters& list_methods() {
  static const Filters methods = {{"index", "value", index_of},
                                  {"count", "value", count_of},
                                  {"copy", "", copy},
                                  {"append", "*, **", change_copy<append_name>},
                                  {"extend", "*, **", change_copy<extend_name>},
                                  {"insert", "*, **", change_copy<insert_name>},
                                  {"remove", "*, **", change_copy<remove_name>},
                                  {"pop", "*, **", change_copy<pop_name>},
                                  {"clear", "*, **", change_copy<clear_name>},
                                  {"sort", "*, **", change_copy<sort_name>},
                                  {"reverse", "*, **", change_copy<reverse_name>}};
  return methods;
}

const Filters& map_methods() {
  static const Filters methods = {{"items", "", entries},
                                  {"keys", "", keys},
                                  {"values", "", values},
                                  {"get", "key, default=", get, Filter::anything},
                                  {"copy", "", copy},
                                  {"update", "*, **", change_copy<update_name>},
                                  {"pop", "*, **", change_copy<pop_name>},
                                  {"popitem", "*, **", change_copy<popitem_name>},
                                  {"setdefault", "*, **", change_copy<setdefault_name>},
                                  {"clear", "*, **", change_copy<clear_name>}};
  return methods;
}

}  // namespace agent::jinja
