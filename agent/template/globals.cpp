// The functions that expressions call by name.
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/date_time.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

namespace {

constexpr std::int64_t longest_range = 200'000;

Value range(Context& context, const Value&, const Bound& arguments) {
  const List& given = arguments.rest();
  if (given.empty() || given.size() > 3) throw Error("'range' takes one, two or three numbers");
  std::int64_t bounds[3] = {0, 0, 1};
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].is_unknown()) throw Unknown(given[i].reasons());
    if (!is_whole(given[i]))
      throw Error("'range' needs whole numbers, and this is " + std::string(kind_name(given[i])))
          .hint("'| int' makes a number of text");
    bounds[given.size() == 1 ? 1 : i] = whole(given[i]);
  }
  const auto [start, stop, step] = bounds;
  if (step == 0) throw Error("the step of 'range' cannot be 0");
  const double count = (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
  if (count > static_cast<double>(longest_range))
    throw Error("'range' is too long").hint("the limit is " + std::to_string(longest_range));
  List numbers;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step) numbers.emplace_back(i);
  context.spend(0);
  return numbers;
}

Map map_from(const Bound& arguments) {
  Map map;
  for (const Value& first : arguments.rest()) {
    if (first.is_unknown()) throw Unknown(first.reasons());
    if (first.is_map()) {
      map.merge(first.map());
      continue;
    }
    for (const Value& pair : items_of(first)) {
      const List cells = items_of(pair);
      if (cells.size() != 2) throw Error("expected pairs of keys and values");
      map.set(print(cells[0]), cells[1]);
    }
  }
  for (const auto& [name, value] : arguments.named_rest()) map.set(name, value);
  return map;
}

Value dict(Context&, const Value&, const Bound& arguments) {
  return map_from(arguments);
}

Value name_space(Context&, const Value&, const Bound& arguments) {
  return Value(std::make_shared<const Namespace>(map_from(arguments)));
}

Value undef(Context&, const Value&, const Bound& arguments) {
  const std::string hint = arguments.has(0) && !arguments[0].is_null() ? arguments.text(0) : "";
  return undefined("undef", Error(hint.empty() ? "this variable has to be given a value" : hint));
}

Value now(Context& context, const Value&, const Bound& arguments) {
  const Value time = date_time_now(context.services().now(), arguments.flag(0));
  if (!arguments.has(1) || arguments[1].is_null()) return time;
  return Value(formatted_time(time, arguments.text(1)));
}

Value look_up(Context& context, const Bound& arguments, bool want_list) {
  List terms = arguments.rest();
  if (terms.empty()) throw Error("the name of the lookup is missing").hint("lookup('env', 'HOME')");
  const std::string name = print(terms.front());
  terms.erase(terms.begin());
  Arguments options;
  options.named = arguments.named_rest();
  if (const auto wanted = options.take("wantlist")) want_list = truth(*wanted);
  return context.lookup(name, std::move(terms), std::move(options), want_list);
}

Value lookup(Context& context, const Value&, const Bound& arguments) {
  return look_up(context, arguments, false);
}

Value query(Context& context, const Value&, const Bound& arguments) {
  return look_up(context, arguments, true);
}

Value cycler(Context&, const Value&, const Bound& arguments) {
  const auto items = std::make_shared<const List>(arguments.rest());
  if (items->empty()) throw Error("'cycler' needs something to cycle through");
  const auto next = std::make_shared<std::size_t>(0);
  Map members;
  members.set("next",
              native_function([items, next](Context&, Arguments) { return (*items)[(*next)++ % items->size()]; }));
  members.set("reset", native_function([next](Context&, Arguments) { return *next = 0, Value(); }));
  return Value(std::make_shared<const Namespace>(std::move(members)));
}

Value joiner(Context&, const Value&, const Bound& arguments) {
  const std::string separator = arguments.text(0, ", ");
  const auto used = std::make_shared<bool>(false);
  return native_function(
      [separator, used](Context&, Arguments) { return std::exchange(*used, true) ? Value(separator) : Value(""); });
}

}  // namespace

const Filters& global_functions() {
  static const Filters functions = {{"range", "*", range, Filter::unknown},
                                    {"dict", "*, **", dict, Filter::unknown},
                                    {"namespace", "*, **", name_space, Filter::unknown},
                                    {"undef", "hint=", undef},
                                    {"now", "utc=, fmt=", now},
                                    {"lookup", "*, **", lookup, Filter::anything},
                                    {"query", "*, **", query, Filter::anything},
                                    {"q", "*, **", query, Filter::anything},
                                    {"cycler", "*", cycler},
                                    {"joiner", "sep=", joiner}};
  return functions;
}

}  // namespace agent::jinja
