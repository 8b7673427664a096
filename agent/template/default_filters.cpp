// Filters about what a value is, or whether there is one.
#include <cmath>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

Value default_(Context&, const Value& input, const Bound& arguments) {
  if (input.is_unknown()) return input;
  const auto otherwise = [&] { return arguments.has(0) ? arguments[0] : Value(""); };
  if (is_undefined(input)) return otherwise();
  if (!arguments.flag(1)) return input;
  return truth(input) ? input : otherwise();
}

Value mandatory(Context&, const Value& input, const Bound& arguments) {
  const Undefined* missing = as_undefined(input);
  if (!missing) return input;
  if (arguments.has(0) && !arguments[0].is_null()) throw Error(print(arguments[0])).at(missing->error().where());
  Error error("mandatory variable '" + missing->name() + "' is not defined");
  for (const std::string& hint : missing->error().hints()) error.hint(hint);
  throw error;
}

Value ternary(Context&, const Value& input, const Bound& arguments) {
  if (input.is_unknown()) return input;
  if (const Undefined* missing = as_undefined(input)) throw Error(missing->error());
  if (input.is_null() && arguments.has(2) && !arguments[2].is_null()) return arguments[2];
  return truth(input) ? arguments[0] : arguments[1];
}

Value boolean(Context&, const Value& input, const Bound&) {
  if (input.is_boolean()) return input;
  if (input.is_number()) return input.real() == 1;
  if (!input.is_string()) return false;
  const std::string word = lower(input.string());
  return word == "yes" || word == "on" || word == "1" || word == "true";
}

Value type_name(Context&, const Value& input, const Bound&) {
  switch (input.kind()) {
    case Kind::null:
      return "NoneType";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::real:
      return "float";
    case Kind::string:
      return "str";
    case Kind::list:
      return "list";
    case Kind::map:
      return "dict";
    case Kind::unknown:
      return "unknown";
    case Kind::object:
      break;
  }
  if (as_tuple(input)) return "tuple";
  return is_undefined(input) ? Value("UndefinedMarker") : Value(std::string(input.object()->what()));
}

Value string(Context&, const Value& input, const Bound&) {
  return text_of(input);
}

Value integer(Context&, const Value& input, const Bound& arguments) {
  const Value otherwise = arguments.has(0) ? arguments[0] : Value(0);
  const int base = static_cast<int>(arguments.integer(1, 10));
  if (is_whole(input)) return whole(input);
  std::optional<double> real = input.is_real() ? std::optional(input.real()) : std::nullopt;
  if (input.is_string()) {
    if (base < 2 || base > 36) throw Error("there are no numbers of base " + std::to_string(base));
    if (const auto found = parse_integer(input.string(), base)) return *found;
    real = parse_real(input.string());
  }
  if (!real || !std::isfinite(*real) || std::abs(*real) >= 9.2e18) return otherwise;
  return static_cast<std::int64_t>(*real);
}

Value real(Context&, const Value& input, const Bound& arguments) {
  if (const auto found = number(input)) return *found;
  if (input.is_string())
    if (const auto found = parse_real(input.string())) return *found;
  return arguments.has(0) ? arguments[0] : Value(0.0);
}

Value as_list_filter(Context&, const Value& input, const Bound&) {
  return items_of(input);
}

Value length(Context&, const Value& input, const Bound&) {
  if (const List* items = as_list(input)) return items->size();
  if (input.is_map()) return input.map().size();
  if (input.is_string()) return character_count(input.string());
  throw Error(std::string(kind_name(input)) + " has no length").hint("expected text, a list or a mapping");
}

Value same(Context&, const Value& input, const Bound&) {
  return text_of(input);
}

}  // namespace

const Filters& default_filters() {
  static const Filters filters = {{"default", "default_value=, boolean=", default_, Filter::anything},
                                  {"d", "default_value=, boolean=", default_, Filter::anything},
                                  {"mandatory", "msg=", mandatory, Filter::anything},
                                  {"ternary", "true_val, false_val, none_val=", ternary, Filter::anything},
                                  {"bool", "", boolean},
                                  {"type_debug", "", type_name, Filter::anything},
                                  {"string", "", string},
                                  {"int", "default=, base=", integer},
                                  {"float", "default=", real},
                                  {"list", "", as_list_filter},
                                  {"length", "", length},
                                  {"count", "", length},
                                  {"safe", "", same}};
  return filters;
}

}  // namespace agent::jinja
