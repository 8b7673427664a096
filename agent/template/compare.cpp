#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <agent/template/compare.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

void need_known(const Value& a, const Value& b) {
  for (const Value* value : {&a, &b})
    if (const Undefined* missing = as_undefined(*value)) throw UndefinedError(missing->error());
  if (a.is_unknown() || b.is_unknown()) throw Unknown(both_unknown(a, b).reasons());
}

// One differing member decides even where another is unknown.
template <class Compare>
bool all_equal(std::size_t count, Compare compare) {
  std::optional<Unknown> unknown;
  for (std::size_t i = 0; i < count; ++i) {
    try {
      if (!compare(i)) return false;
    } catch (const Unknown& reason) {
      if (!unknown) unknown = reason;
    }
  }
  if (unknown) throw Unknown(*unknown);
  return true;
}

bool lists_equal(const List& a, const List& b) {
  return a.size() == b.size() && all_equal(a.size(), [&](std::size_t i) { return equals(a[i], b[i]); });
}

bool maps_equal(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  return all_equal(a.size(), [&](std::size_t i) {
    const auto& entry = *(a.begin() + static_cast<std::ptrdiff_t>(i));
    const Value* other = b.find(entry.first);
    return other && equals(entry.second, *other);
  });
}

bool objects_equal(const Value& a, const Value& b) {
  const Tuple *left = as_tuple(a), *right = as_tuple(b);
  if (left && right) return lists_equal(left->items(), right->items());
  const Thing *one = as_thing(a), *other = as_thing(b);
  if (one && other) return one->order(*other) == 0;
  return a.is_object() && b.is_object() && a.object() == b.object();
}

int sign(double difference) {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

int compare_numbers(const Value& a, const Value& b) {
  if (is_whole(a) && is_whole(b)) return whole(a) < whole(b) ? -1 : whole(a) > whole(b) ? 1 : 0;
  return sign(*number(a) - *number(b));
}

using Order = int (*)(const Value&, const Value&);

int compare_lists(const List& a, const List& b, Order compare) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (!equals(a[i], b[i])) return compare(a[i], b[i]);
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

// The part that both orders share; nothing when the two do not compare.
std::optional<int> common_order(const Value& a, const Value& b, Order compare) {
  need_known(a, b);
  if (is_numeric(a) && is_numeric(b)) return compare_numbers(a, b);
  if (a.is_string() && b.is_string()) return sign(a.string().compare(b.string()));
  if (a.is_list() && b.is_list()) return compare_lists(a.list(), b.list(), compare);
  if (const Tuple* left = as_tuple(a), *right = as_tuple(b); left && right)
    return compare_lists(left->items(), right->items(), compare);
  if (const Thing* one = as_thing(a), *other = as_thing(b); one && other) return one->order(*other);
  return std::nullopt;
}

[[noreturn]] void refuse(const Value& a, const Value& b) {
  Error error("cannot compare " + std::string(kind_name(a)) + " with " + std::string(kind_name(b)));
  if (a.is_string() || b.is_string()) error.hint("'| int' makes a number of text, '| string' text of a number");
  throw error;
}

}  // namespace

bool is_numeric(const Value& value) {
  return value.is_number() || value.is_boolean();
}

bool is_whole(const Value& value) {
  return value.is_integer() || value.is_boolean();
}

std::int64_t whole(const Value& value) {
  return value.is_boolean() ? static_cast<std::int64_t>(value.boolean()) : value.integer();
}

std::optional<double> number(const Value& value) {
  if (value.is_boolean()) return value.boolean() ? 1.0 : 0.0;
  return value.is_number() ? std::optional(value.real()) : std::nullopt;
}

bool equals(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return a.string() == b.string();
  need_known(a, b);
  if (is_numeric(a) && is_numeric(b)) return compare_numbers(a, b) == 0 && !(a.is_real() && std::isnan(a.real()));
  if (a.is_string() && b.is_number()) return a.string() == print(b);
  if (a.is_number() && b.is_string()) return b.string() == print(a);
  if (a.is_object() || b.is_object()) return objects_equal(a, b);
  if (a.kind() != b.kind()) return false;
  if (a.is_list()) return lists_equal(a.list(), b.list());
  if (a.is_map()) return maps_equal(a.map(), b.map());
  return a.is_null();
}

int order(const Value& a, const Value& b) {
  if (const auto found = common_order(a, b, order)) return *found;
  const auto as_number = [](const Value& value) {
    return value.is_string() ? parse_real(value.string()) : value.is_number() ? number(value) : std::nullopt;
  };
  const auto left = as_number(a), right = as_number(b);
  if (!left || !right) refuse(a, b);
  return sign(*left - *right);
}

int strict_order(const Value& a, const Value& b) {
  const auto found = common_order(a, b, strict_order);
  if (!found) refuse(a, b);
  return *found;
}

bool contains(const Value& container, const Value& item) {
  need_known(container, container);
  if (const List* items = as_list(container)) {
    std::optional<Unknown> unknown;
    for (const Value& member : *items) {
      try {
        if (equals(member, item)) return true;
      } catch (const Unknown& reason) {
        if (!unknown) unknown = reason;
      }
    }
    if (unknown) throw Unknown(*unknown);
    return false;
  }
  need_known(item, item);
  if (container.is_map())
    return item.is_string()                                          ? container.map().contains(item.string())
           : item.is_number() || item.is_boolean() || item.is_null() ? container.map().contains(print(item))
                                                                     : false;
  if (!container.is_string())
    throw Error("nothing can be 'in' " + std::string(kind_name(container)))
        .hint("expected text, a list or a mapping on the right");
  if (!item.is_string()) throw Error("only text can be 'in' text, and this is " + std::string(kind_name(item)));
  return container.string().find(item.string()) != std::string::npos;
}

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return false;
    case Kind::boolean:
      return value.boolean();
    case Kind::integer:
      return value.integer() != 0;
    case Kind::real:
      return value.real() != 0;
    case Kind::string:
      return !value.string().empty();
    case Kind::list:
      return !value.list().empty();
    case Kind::map:
      return !value.map().empty();
    case Kind::unknown:
      throw Unknown(value.reasons());
    case Kind::object:
      break;
  }
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  if (const Tuple* items = as_tuple(value)) return !items->items().empty();
  return true;
}

std::optional<std::int64_t> parse_integer(std::string_view text, int base) {
  std::string digits = strip(text);
  const bool negative = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.erase(0, 1);
  const auto prefix = [&](char letter) {
    return digits.size() > 2 && digits[0] == '0' && (digits[1] | 0x20) == letter;
  };
  if ((base == 16 && prefix('x')) || (base == 8 && prefix('o')) || (base == 2 && prefix('b'))) digits.erase(0, 2);
  if (digits.empty() || digits.front() == '_' || digits.back() == '_' || digits.find("__") != digits.npos) return {};
  std::erase(digits, '_');
  if (negative) digits.insert(digits.begin(), '-');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size() || digits == "-") return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  std::string digits = lower(strip(text));
  if (digits.empty() || digits.front() == '_' || digits.back() == '_' || digits.find('x') != digits.npos) return {};
  std::erase(digits, '_');
  std::string_view rest = digits;
  if (rest.front() == '+' || rest.front() == '-') rest.remove_prefix(1);
  if (rest != "inf" && rest != "infinity" && rest != "nan" &&
      (rest.empty() || rest.find_first_not_of("0123456789.e+-") != rest.npos))
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  return end == digits.c_str() + digits.size() ? std::optional(value) : std::nullopt;
}

}  // namespace agent::jinja
