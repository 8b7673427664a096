// Filters that look at the items of a list.
#include <algorithm>
#include <numeric>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/python_random.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/sorting.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::size_t most_items = 1'000'000;

Value first(Context&, const Value& input, const Bound&) {
  if (const List* items = as_list(input); items && !items->empty()) return items->front();
  const List items = items_of(input);
  return items.empty() ? undefined("first", Error("there is no first item: the list is empty")) : items.front();
}

Value last(Context&, const Value& input, const Bound&) {
  if (const List* items = as_list(input); items && !items->empty()) return items->back();
  const List items = items_of(input);
  return items.empty() ? undefined("last", Error("there is no last item: the list is empty")) : items.back();
}

Value join(Context& context, const Value& input, const Bound& arguments) {
  const std::string separator = arguments.text(0);
  std::string text;
  bool is_first = true;
  for (const Value& item : items_of(input)) {
    if (!is_first) text += separator;
    is_first = false;
    text += text_of(arguments.has(1) && !arguments[1].is_null() ? attribute_path(context, item, arguments[1]) : item);
    if (text.size() > context.max_output()) throw Error("the result is too large");
  }
  return text;
}

Value reverse(Context&, const Value& input, const Bound&) {
  if (input.is_string()) {
    CodePoints points = code_points(input.string());
    std::reverse(points.begin(), points.end());
    return utf8(points);
  }
  List items = items_of(input);
  std::reverse(items.begin(), items.end());
  return items;
}

Value sort(Context& context, const Value& input, const Bound& arguments) {
  const SortKey key(arguments[2], arguments.flag(1));
  return sorted(context, items_of(input), key, arguments.flag(0));
}

Value extreme(Context& context, const Value& input, const Bound& arguments, bool largest) {
  const List items = items_of(input);
  if (items.empty()) return undefined(largest ? "max" : "min", Error("an empty list has no smallest or largest item"));
  const SortKey key(arguments[1], arguments.flag(0));
  std::size_t best = 0;
  Value best_key = key.of(context, items[0]);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value next = key.of(context, items[i]);
    const int difference = strict_order(next, best_key);
    if (largest ? difference > 0 : difference < 0) best = i, best_key = std::move(next);
  }
  return items[best];
}

Value smallest(Context& context, const Value& input, const Bound& arguments) {
  return extreme(context, input, arguments, false);
}

Value largest(Context& context, const Value& input, const Bound& arguments) {
  return extreme(context, input, arguments, true);
}

Value sum(Context& context, const Value& input, const Bound& arguments) {
  Value total = arguments.has(1) ? arguments[1] : Value(0);
  for (const Value& item : items_of(input))
    total =
        add(total, arguments.has(0) && !arguments[0].is_null() ? attribute_path(context, item, arguments[0]) : item);
  return total;
}

Value batch(Context&, const Value& input, const Bound& arguments) {
  const auto size = arguments.integer(0, 0);
  List batches, current;
  for (const Value& item : items_of(input)) {
    if (static_cast<std::int64_t>(current.size()) == size) {
      batches.emplace_back(std::move(current));
      current = {};
    }
    current.push_back(item);
  }
  if (current.empty()) return batches;
  if (arguments.has(1) && !arguments[1].is_null()) {
    if (size > static_cast<std::int64_t>(most_items)) throw Error("the result is too large");
    while (static_cast<std::int64_t>(current.size()) < size) current.push_back(arguments[1]);
  }
  batches.emplace_back(std::move(current));
  return batches;
}

Value slice(Context&, const Value& input, const Bound& arguments) {
  const List items = items_of(input);
  const auto count = arguments.integer(0, 0);
  if (count <= 0) throw Error("a list cannot be cut into " + std::to_string(count) + " slices");
  if (count > static_cast<std::int64_t>(most_items)) throw Error("the result is too large");
  const auto slices = static_cast<std::size_t>(count);
  const std::size_t each = items.size() / slices, more = items.size() % slices;
  List result;
  std::size_t at = 0;
  for (std::size_t i = 0; i < slices; ++i) {
    const std::size_t end = at + each + (i < more ? 1 : 0);
    List part(items.begin() + static_cast<std::ptrdiff_t>(at), items.begin() + static_cast<std::ptrdiff_t>(end));
    if (arguments.has(1) && !arguments[1].is_null() && i >= more) part.push_back(arguments[1]);
    result.emplace_back(std::move(part));
    at = end;
  }
  return result;
}

void flatten_into(List& result, const Value& value, std::int64_t levels, bool skip_nulls, int depth) {
  if (depth > 200) throw Error("the list is nested too deeply");
  for (const Value& item : *as_list(value)) {
    if (const Undefined* missing = as_undefined(item)) throw Error(missing->error());
    if (skip_nulls && (item.is_null() || (item.is_string() && (item.string() == "None" || item.string() == "null"))))
      continue;
    if (as_list(item) && levels != 0)
      flatten_into(result, item, levels - 1, skip_nulls, depth + 1);
    else
      result.push_back(item);
  }
}

Value flatten(Context&, const Value& input, const Bound& arguments) {
  if (input.is_string()) return items_of(input);  // its characters, as everywhere
  if (!as_list(input)) throw Error("expected a list, found " + std::string(kind_name(input)));
  List result;
  const bool limited = arguments.has(0) && !arguments[0].is_null();
  flatten_into(result, input, limited ? arguments.integer(0, 0) : -1, arguments.flag(1, true), 0);
  return result;
}

Value zipped(const Value& input, const Bound& arguments, bool to_longest, const Value& filler) {
  std::vector<List> lists = {items_of(input)};
  for (const Value& other : arguments.rest()) lists.push_back(items_of(other));
  std::size_t rows = lists[0].size();
  for (const List& list : lists) rows = to_longest ? std::max(rows, list.size()) : std::min(rows, list.size());
  List result;
  for (std::size_t row = 0; row < rows; ++row) {
    List cells;
    for (const List& list : lists) cells.push_back(row < list.size() ? list[row] : filler);
    result.push_back(tuple(std::move(cells)));
  }
  return result;
}

Value zip(Context&, const Value& input, const Bound& arguments) {
  return zipped(input, arguments, false, {});
}

Value zip_longest(Context&, const Value& input, const Bound& arguments) {
  Value filler;
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name != "fillvalue") throw Error("'zip_longest' has no argument '" + name + "'").hint("it takes 'fillvalue'");
    filler = value;
  }
  return zipped(input, arguments, true, filler);
}

Value product(Context&, const Value& input, const Bound& arguments) {
  std::vector<List> lists = {items_of(input)};
  for (const Value& other : arguments.rest()) lists.push_back(items_of(other));
  const std::vector<List> once = lists;
  std::int64_t repeat = 1;
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name != "repeat") throw Error("'product' has no argument '" + name + "'").hint("it takes 'repeat'");
    repeat = static_cast<std::int64_t>(number_of(value));
  }
  if (repeat < 0 || repeat > 20) throw Error("'repeat' has to be between 0 and 20");
  if (repeat == 0) lists.clear();
  for (std::int64_t i = 1; i < repeat; ++i) lists.insert(lists.end(), once.begin(), once.end());
  List rows = {tuple({})};
  for (const List& list : lists) {
    if (!list.empty() && rows.size() > most_items / list.size() / lists.size()) throw Error("the result is too large");
    List longer;
    for (const Value& row : rows)
      for (const Value& item : list) {
        List cells = *as_list(row);
        cells.push_back(item);
        longer.push_back(tuple(std::move(cells)));
      }
    rows = std::move(longer);
  }
  return rows;
}

// All ways to choose `count` of the items, in the order of itertools; `ordered` also in every order.
void choose(const List& items, std::size_t count, bool ordered, std::vector<std::size_t>& chosen, List& result) {
  if (chosen.size() == count) {
    List row;
    for (const std::size_t i : chosen) row.push_back(items[i]);
    if ((result.size() + 1) * std::max<std::size_t>(count, 1) > most_items) throw Error("the result is too large");
    return result.push_back(tuple(std::move(row)));
  }
  const std::size_t from = ordered || chosen.empty() ? 0 : chosen.back() + 1;
  for (std::size_t i = from; i < items.size(); ++i) {
    if (ordered && std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
    chosen.push_back(i);
    choose(items, count, ordered, chosen, result);
    chosen.pop_back();
  }
}

Value choices(const Value& input, std::int64_t count, bool ordered) {
  const List items = items_of(input);
  if (count < 0) throw Error("the number of items to choose is negative");
  List result;
  std::vector<std::size_t> chosen;
  if (count <= static_cast<std::int64_t>(items.size()))
    choose(items, static_cast<std::size_t>(count), ordered, chosen, result);
  return result;
}

Value combinations(Context&, const Value& input, const Bound& arguments) {
  return choices(input, arguments.integer(0, 0), false);
}

Value permutations(Context&, const Value& input, const Bound& arguments) {
  return choices(input, arguments.integer(0, static_cast<std::int64_t>(items_of(input).size())), true);
}

PythonRandom generator(Context& context, const Value& seed) {
  return seed.is_null() ? PythonRandom(context.services().random()) : PythonRandom(seed);
}

Value shuffle(Context& context, const Value& input, const Bound& arguments) {
  List items = items_of(input);
  // Any seed that is not true is none, as in Ansible.
  const bool seeded = arguments.has(0) && truth(arguments[0]);
  PythonRandom random = generator(context, seeded ? arguments[0] : Value());
  for (std::size_t i = items.size(); i-- > 1;) std::swap(items[i], items[random.below(i + 1)]);
  return items;
}

Value random_(Context& context, const Value& input, const Bound& arguments) {
  PythonRandom random = generator(context, arguments[2]);
  if (!is_whole(input)) {
    if (arguments.has(0) && !arguments[0].is_null()) throw Error("'start' is only for a number");
    if (arguments.has(1) && !arguments[1].is_null()) throw Error("'step' is only for a number");
    const List items = items_of(input);
    if (items.empty()) throw Error("an empty list has no random item");
    return items[random.below(items.size())];
  }
  const std::int64_t start = arguments.integer(0, 0), step = arguments.integer(1, 1), stop = whole(input);
  if (step == 0) throw Error("'step' cannot be 0");
  const std::int64_t width = stop - start;
  const std::int64_t count = step > 0 ? (width + step - 1) / step : (width + step + 1) / step;
  if (count <= 0) throw Error("there is no number from " + std::to_string(start) + " up to " + std::to_string(stop));
  return start + step * static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count)));
}

}  // namespace

const Filters& list_filters() {
  static const Filters filters = {{"first", "", first},
                                  {"last", "", last},
                                  {"join", "d=, attribute=", join},
                                  {"reverse", "", reverse},
                                  {"sort", "reverse=, case_sensitive=, attribute=", sort},
                                  {"min", "case_sensitive=, attribute=", smallest},
                                  {"max", "case_sensitive=, attribute=", largest},
                                  {"sum", "attribute=, start=", sum},
                                  {"batch", "linecount, fill_with=", batch},
                                  {"slice", "slices, fill_with=", slice},
                                  {"flatten", "levels=, skip_nulls=", flatten},
                                  {"zip", "*", zip},
                                  {"zip_longest", "*, **", zip_longest},
                                  {"product", "*, **", product},
                                  {"combinations", "set_size", combinations},
                                  {"permutations", "set_size=", permutations},
                                  {"shuffle", "seed=", shuffle},
                                  {"random", "start=, step=, seed=", random_}};
  return filters;
}

}  // namespace agent::jinja
