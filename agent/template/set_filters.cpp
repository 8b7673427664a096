// Filters that take lists for sets: what is in both, in one, only once. The order of the lists is kept.
#include <unordered_set>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/sorting.hpp>

namespace agent::jinja {

namespace {

// The values met so far. Text, which most are, is looked up; only the rest is compared one by one.
class Seen {
 public:
  bool contains(const Value& value) const {
    if (value.is_string() && texts_.count(value.string())) return true;
    for (const Value& other : others_)
      if (equals(other, value)) return true;
    return !value.is_string() && holds_text_ && is_equal_to_text(value);
  }
  void add(const Value& value) {
    if (value.is_string()) {
      texts_.insert(value.string());
      holds_text_ = true;
    } else {
      others_.push_back(value);
    }
  }
  explicit Seen(const List& values = {}) {
    for (const Value& value : values) add(value);
  }

 private:
  bool is_equal_to_text(const Value& value) const { return value.is_number() && texts_.count(print(value)) > 0; }
  std::unordered_set<std::string> texts_;
  List others_;
  bool holds_text_ = false;
};

List without_repeats(const List& items) {
  List result;
  Seen seen;
  for (const Value& item : items) {
    if (seen.contains(item)) continue;
    seen.add(item);
    result.push_back(item);
  }
  return result;
}

List list_of(const Value& value) {
  if (!as_list(value) && !value.is_map()) throw Error("expected a list, found " + std::string(kind_name(value)));
  return items_of(value);
}

Value unique(Context& context, const Value& input, const Bound& arguments) {
  const bool case_sensitive = arguments.has(0) && truth(arguments[0]);
  const SortKey key(arguments[1], case_sensitive);
  List result;
  Seen seen;
  for (const Value& item : items_of(input)) {
    const Value found = key.of(context, item);
    if (seen.contains(found)) continue;
    seen.add(found);
    result.push_back(item);
  }
  return result;
}

Value united(Context&, const Value& input, const Bound& arguments) {
  List both = list_of(input);
  const List other = list_of(arguments[0]);
  both.insert(both.end(), other.begin(), other.end());
  return without_repeats(both);
}

List chosen(const Value& input, const Value& other, bool present) {
  const Seen others(list_of(other));
  List result;
  for (const Value& item : list_of(input))
    if (others.contains(item) == present) result.push_back(item);
  return without_repeats(result);
}

Value intersect(Context&, const Value& input, const Bound& arguments) {
  return chosen(input, arguments[0], true);
}

Value difference(Context&, const Value& input, const Bound& arguments) {
  return chosen(input, arguments[0], false);
}

Value symmetric_difference(Context&, const Value& input, const Bound& arguments) {
  List result = chosen(input, arguments[0], false);
  const List other = chosen(arguments[0], input, false);
  result.insert(result.end(), other.begin(), other.end());
  return result;
}

}  // namespace

const Filters& set_filters() {
  static const Filters filters = {{"unique", "case_sensitive=, attribute=", unique},
                                  {"union", "b", united},
                                  {"intersect", "b", intersect},
                                  {"difference", "b", difference},
                                  {"symmetric_difference", "b", symmetric_difference}};
  return filters;
}

}  // namespace agent::jinja
