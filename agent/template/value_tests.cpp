// Tests about what a value is.
#include <cmath>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

bool defined(Context&, const Value& input, const Bound&) {
  return !is_undefined(input);
}
bool not_defined(Context&, const Value& input, const Bound&) {
  return is_undefined(input);
}
bool unknown(Context&, const Value& input, const Bound&) {
  return unknown_within(input) != nullptr;
}
bool none(Context&, const Value& input, const Bound&) {
  return input.is_null();
}
bool boolean(Context&, const Value& input, const Bound&) {
  return input.is_boolean();
}
bool is_true(Context&, const Value& input, const Bound&) {
  return input.is_boolean() && input.boolean();
}
bool is_false(Context&, const Value& input, const Bound&) {
  return input.is_boolean() && !input.boolean();
}
bool integer(Context&, const Value& input, const Bound&) {
  return input.is_integer();
}
bool real(Context&, const Value& input, const Bound&) {
  return input.is_real();
}
bool numeric(Context&, const Value& input, const Bound&) {
  return is_numeric(input);
}
bool string(Context&, const Value& input, const Bound&) {
  return input.is_string();
}
bool mapping(Context&, const Value& input, const Bound&) {
  return input.is_map();
}
bool sequence(Context&, const Value& input, const Bound&) {
  return input.is_string() || input.is_map() || as_list(input);
}
bool callable(Context&, const Value& input, const Bound&) {
  const Thing* thing = as_thing(input);
  return thing && thing->is_callable();
}

// Ansible's truthy(value, convert_bool=False).
bool truthy(Context& context, const Value& input, const Bound& arguments) {
  if (!arguments.flag(0)) return truth(input);
  Value value = input;
  if (input.is_string()) {
    const std::string word = lower(strip(input.string()));
    for (const char* yes : {"y", "yes", "on", "1", "true", "t", "1.0"})
      if (word == yes) value = true;
    for (const char* no : {"n", "no", "off", "0", "false", "f", "0.0"})
      if (word == no) value = false;
  }
  (void)context;
  return truth(value);
}
bool falsy(Context& context, const Value& input, const Bound& arguments) {
  return !truthy(context, input, arguments);
}

bool odd(Context&, const Value& input, const Bound&) {
  return std::fmod(std::abs(number_of(input)), 2) == 1;
}
bool even(Context&, const Value& input, const Bound&) {
  return std::fmod(number_of(input), 2) == 0;
}
bool divisible(Context&, const Value& input, const Bound& arguments) {
  const double divisor = number_of(arguments[0]);
  if (divisor == 0) throw Error("division by zero");
  return std::fmod(number_of(input), divisor) == 0;
}
bool not_a_number(Context&, const Value& input, const Bound&) {
  if (input.is_string()) throw Error("expected a number, found text");
  return std::isnan(number_of(input));
}

bool is_cased(const Value& input, bool wants_upper) {
  bool letters = false;
  for (const char32_t point : code_points(text_of(input))) {
    const bool up = to_lower(point) != point, down = to_upper(point) != point;
    if (wants_upper ? down && !up : up) return false;
    letters = letters || up || down;
  }
  return letters;
}
bool upper_case(Context&, const Value& input, const Bound&) {
  return is_cased(input, true);
}
bool lower_case(Context&, const Value& input, const Bound&) {
  return is_cased(input, false);
}
bool escaped(Context&, const Value&, const Bound&) {
  return false;
}

}  // namespace

const Tests& value_tests() {
  static const Tests tests = {{"defined", "", defined, Filter::anything},
                              {"undefined", "", not_defined, Filter::anything},
                              {"unknown", "", unknown, Filter::anything},
                              {"none", "", none},
                              {"boolean", "", boolean},
                              {"true", "", is_true},
                              {"false", "", is_false},
                              {"integer", "", integer},
                              {"float", "", real},
                              {"number", "", numeric},
                              {"string", "", string},
                              {"mapping", "", mapping},
                              {"iterable", "", sequence},
                              {"sequence", "", sequence},
                              {"callable", "", callable},
                              {"truthy", "convert_bool=", truthy},
                              {"falsy", "convert_bool=", falsy},
                              {"odd", "", odd},
                              {"even", "", even},
                              {"divisibleby", "num", divisible},
                              {"isnan", "", not_a_number},
                              {"nan", "", not_a_number},
                              {"upper", "", upper_case},
                              {"lower", "", lower_case},
                              {"escaped", "", escaped}};
  return tests;
}

}  // namespace agent::jinja
