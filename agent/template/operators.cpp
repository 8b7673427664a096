#include <cmath>

#include <agent/sdk/error.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>

namespace agent::jinja {

namespace {

// True when the result is unknown; throws for an undefined side.
bool either_unknown(const Value& a, const Value& b) {
  for (const Value* value : {&a, &b})
    if (const Undefined* missing = as_undefined(*value)) throw UndefinedError(missing->error());
  return a.is_unknown() || b.is_unknown();
}

[[noreturn]] void refuse(const char* verb, const char* joiner, const Value& a, const Value& b) {
  Error error(std::string("cannot ") + verb + " " + std::string(kind_name(a)) + " " + joiner + " " +
              std::string(kind_name(b)));
  if (a.is_string() != b.is_string() && (is_numeric(a) || is_numeric(b)))
    error.hint("'| int' makes a number of text; 'a ~ b' joins both as text");
  throw error;
}

[[noreturn]] void refuse_size() {
  throw Error("the result does not fit into 64 bits");
}

Value checked(bool overflow, std::int64_t result) {
  if (overflow) refuse_size();
  return result;
}

std::optional<Value> thing_result(char operation, const Value& a, const Value& b) {
  const Thing* thing = as_thing(a);
  return thing ? thing->operate(operation, b) : std::nullopt;
}

List joined(const List& a, const List& b) {
  List both;
  both.reserve(a.size() + b.size());
  both.insert(both.end(), a.begin(), a.end());
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

Value repeated(const Value& value, std::int64_t times, std::size_t max_size) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  const auto need_room = [&](std::size_t size) {
    if (size > 0 && count > max_size / size) throw Error("the result of '*' is too large");
  };
  if (value.is_string()) {
    need_room(value.string().size());
    std::string text;
    text.reserve(value.string().size() * count);
    for (std::size_t i = 0; i < count; ++i) text += value.string();
    return text;
  }
  const List& items = *as_list(value);
  need_room(items.size() * sizeof(Value));
  List list;
  list.reserve(items.size() * count);
  for (std::size_t i = 0; i < count; ++i) list.insert(list.end(), items.begin(), items.end());
  return value.is_list() ? Value(std::move(list)) : tuple(std::move(list));
}

void need_divisor(const Value& b) {
  if (*number(b) == 0) throw Error("division by zero");
}

double floored_remainder(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  return rest == 0 ? std::copysign(0.0, b) : rest;
}

Value integer_power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  while (exponent > 0) {
    if (exponent & 1)
      if (__builtin_mul_overflow(result, base, &result)) refuse_size();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) refuse_size();
  }
  return result;
}

}  // namespace

Value add(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return a.string() + b.string();
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (is_whole(a) && is_whole(b)) {
    std::int64_t sum = 0;
    const bool overflow = __builtin_add_overflow(whole(a), whole(b), &sum);
    return checked(overflow, sum);
  }
  if (is_numeric(a) && is_numeric(b)) return *number(a) + *number(b);
  if (a.is_list() && b.is_list()) return joined(a.list(), b.list());
  if (const Tuple* left = as_tuple(a), *right = as_tuple(b); left && right)
    return tuple(joined(left->items(), right->items()));
  if (auto result = thing_result('+', a, b)) return *std::move(result);
  refuse("add", "and", a, b);
}

Value subtract(const Value& a, const Value& b) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (is_whole(a) && is_whole(b)) {
    std::int64_t difference = 0;
    const bool overflow = __builtin_sub_overflow(whole(a), whole(b), &difference);
    return checked(overflow, difference);
  }
  if (is_numeric(a) && is_numeric(b)) return *number(a) - *number(b);
  if (auto result = thing_result('-', a, b)) return *std::move(result);
  Error error("cannot subtract " + std::string(kind_name(b)) + " from " + std::string(kind_name(a)));
  if (a.is_list() && b.is_list()) error.hint("'a | difference(b)' gives the items of a list that are not in another");
  throw error;
}

Value multiply(const Value& a, const Value& b, std::size_t max_size) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (is_whole(a) && is_whole(b)) {
    std::int64_t product = 0;
    const bool overflow = __builtin_mul_overflow(whole(a), whole(b), &product);
    return checked(overflow, product);
  }
  if (is_numeric(a) && is_numeric(b)) return *number(a) * *number(b);
  if ((a.is_string() || as_list(a)) && is_whole(b)) return repeated(a, whole(b), max_size);
  if ((b.is_string() || as_list(b)) && is_whole(a)) return repeated(b, whole(a), max_size);
  refuse("multiply", "by", a, b);
}

Value divide(const Value& a, const Value& b) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (!is_numeric(a) || !is_numeric(b)) refuse("divide", "by", a, b);
  need_divisor(b);
  return *number(a) / *number(b);
}

Value floor_divide(const Value& a, const Value& b) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (!is_numeric(a) || !is_numeric(b)) refuse("divide", "by", a, b);
  need_divisor(b);
  if (!is_whole(a) || !is_whole(b)) {
    const double x = *number(a), y = *number(b);
    const double quotient = std::floor((x - floored_remainder(x, y)) / y + 0.5);
    return quotient == 0 ? std::copysign(0.0, x / y) : quotient;
  }
  const std::int64_t x = whole(a), y = whole(b);
  if (y == -1) return negate(x);
  const std::int64_t quotient = x / y;
  return quotient - ((x % y != 0 && (x < 0) != (y < 0)) ? 1 : 0);
}

Value modulo(const Value& a, const Value& b) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (a.is_string()) return percent_format(a.string(), b);
  if (!is_numeric(a) || !is_numeric(b)) refuse("divide", "by", a, b);
  need_divisor(b);
  if (!is_whole(a) || !is_whole(b)) return floored_remainder(*number(a), *number(b));
  const std::int64_t y = whole(b);
  if (y == -1) return 0;
  const std::int64_t rest = whole(a) % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

Value power(const Value& a, const Value& b) {
  if (either_unknown(a, b)) return both_unknown(a, b);
  if (!is_numeric(a) || !is_numeric(b)) refuse("raise", "to the power of", a, b);
  if (is_whole(a) && is_whole(b) && whole(b) >= 0) return integer_power(whole(a), whole(b));
  if (*number(a) == 0 && *number(b) < 0) throw Error("zero cannot be raised to a negative power");
  const double result = std::pow(*number(a), *number(b));
  if (std::isnan(result) && !std::isnan(*number(a)) && !std::isnan(*number(b)))
    throw Error("a negative number has no power of a fraction");
  if (std::isinf(result) && !std::isinf(*number(a)) && !std::isinf(*number(b))) throw Error("the result is too large");
  return result;
}

Value negate(const Value& a) {
  if (either_unknown(a, a)) return a;
  if (is_whole(a)) {
    std::int64_t result = 0;
    const bool overflow = __builtin_sub_overflow(std::int64_t{0}, whole(a), &result);
    return checked(overflow, result);
  }
  if (a.is_real()) return -a.real();
  if (auto result = thing_result('-', a, Value())) return *std::move(result);
  throw Error(std::string(kind_name(a)) + " has no negative");
}

Value posate(const Value& a) {
  if (either_unknown(a, a)) return a;
  if (is_whole(a)) return whole(a);
  if (a.is_real()) return a;
  throw Error("'+' needs a number, and this is " + std::string(kind_name(a)));
}

}  // namespace agent::jinja
