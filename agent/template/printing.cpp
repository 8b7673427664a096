#include <cmath>
#include <typeinfo>
#include <utility>

#include <agent/sdk/real_number.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr int deepest = 500;
constexpr std::size_t largest = std::size_t{64} << 20;

[[noreturn]] void refuse_depth() {
  throw Error("a value is nested too deeply to be written");
}

class Printer {
 public:
  void text(std::string_view text) {
    const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
    out += quote;
    for (const char32_t point : code_points(text)) character(point, quote);
    out += quote;
  }

  void value(const Value& value, int depth) {
    if (depth > deepest) refuse_depth();
    if (out.size() > largest) throw Error("a value is too large to be written");
    if (value.is_string()) return text(value.string());
    if (value.is_list()) return sequence(value.list(), "[", "]", depth);
    if (value.is_map()) return mapping(value.map(), depth);
    if (const Tuple* found = as_tuple(value)) return tuple(*found, depth);
    out += print(value);
  }

  std::string out;
  bool for_output = false;  ///< tuples as lists, and without what is `omit`

 private:
  void character(char32_t point, char quote) {
    const auto hex = [&](const char* mark, int digits) {
      out += mark;
      while (digits-- > 0) out += "0123456789abcdef"[point >> (4 * digits) & 15];
    };
    if (point == static_cast<char32_t>(quote) || point == '\\')
      out += '\\', out += static_cast<char>(point);
    else if (point == '\n')
      out += "\\n";
    else if (point == '\r')
      out += "\\r";
    else if (point == '\t')
      out += "\\t";
    else if (is_printable(point))
      append_utf8(out, point);
    else if (point < 0x100)
      hex("\\x", 2);
    else
      point < 0x10000 ? hex("\\u", 4) : hex("\\U", 8);
  }

  // Those that have names for their items (a group of groupby) stay what they are, with all that is in them.
  void tuple(const Tuple& tuple, int depth) {
    if (for_output && typeid(tuple) == typeid(Tuple)) return sequence(tuple.items(), "[", "]", depth);
    const bool outside = std::exchange(for_output, false);
    sequence(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", depth);
    for_output = outside;
  }

  void sequence(const List& items, const char* open, const char* close, int depth) {
    out += open;
    bool first = true;
    for (const Value& item : items) {
      if (for_output && is_omit(item)) continue;
      if (!std::exchange(first, false)) out += ", ";
      value(item, depth + 1);
    }
    out += close;
  }

  void mapping(const Map& map, int depth) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : map) {
      if (for_output && is_omit(member)) continue;
      if (!std::exchange(first, false)) out += ", ";
      text(key);
      out += ": ";
      value(member, depth + 1);
    }
    out += '}';
  }
};

std::string print_object(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) {
    if (missing->is_missing_else()) return "";
    throw UndefinedError(missing->error());
  }
  if (is_omit(value)) throw Error("'omit' cannot be a part of text").hint("it can only be a whole value");
  if (const Thing* thing = as_thing(value)) return thing->print();
  return "<" + std::string(value.object()->what()) + ">";
}

Value plain(const Value& value, int depth);

Value plain_list(const List& items, const Value& value, int depth) {
  List result;
  result.reserve(items.size());
  for (const Value& item : items)
    if (!is_omit(item)) result.push_back(plain(item, depth + 1));
  return Value(std::move(result)).at(value.where());
}

Value plain_object(const Value& value, int depth) {
  if (const Tuple* found = as_tuple(value)) return plain_list(found->items(), value, depth);
  if (is_omit(value)) return value;
  if (const auto* space = dynamic_cast<const Namespace*>(value.object().get()))
    return plain(Value(space->members()), depth + 1);
  if (const Thing* thing = as_thing(value); thing && thing->is_callable())
    throw Error(std::string(thing->what()) + " is no value that can be kept").hint("call it: add '()'");
  return Value(print(value)).at(value.where());
}

// Whether plain() would give the same: most values are, and then nothing is copied.
bool is_plain(const Value& value, int depth) {
  if (depth > deepest) refuse_depth();
  if (value.is_object() || value.is_template()) return false;
  if (value.is_list()) {
    for (const Value& item : value.list())
      if (!is_plain(item, depth + 1)) return false;
  } else if (value.is_map()) {
    for (const auto& entry : value.map())
      if (!is_plain(entry.second, depth + 1)) return false;
  }
  return true;
}

Value plain(const Value& value, int depth) {
  if (depth > deepest) refuse_depth();
  if (value.is_object()) return plain_object(value, depth);
  if (value.is_template()) return Value(value.string()).at(value.where());
  if (value.is_list()) return plain_list(value.list(), value, depth);
  if (!value.is_map()) return value;
  Map result;
  result.reserve(value.map().size());
  for (const auto& [key, member] : value.map())
    if (!is_omit(member)) result.set(key, plain(member, depth + 1));
  return Value(std::move(result)).at(value.where());
}

}  // namespace

std::string print(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string digits = shortest_text(number, true);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  const std::size_t e = digits.find('e');
  const int exponent = std::stoi(digits.substr(e + 1));
  digits.erase(e);
  if (digits.size() > 1) digits.erase(1, 1);  // the point
  std::string text;
  if (exponent < -4 || exponent >= 16) {
    text = digits.substr(0, 1);
    if (digits.size() > 1) text += "." + digits.substr(1);
    const std::string power = std::to_string(std::abs(exponent));
    text += exponent < 0 ? "e-" : "e+";
    text += (power.size() < 2 ? "0" : "") + power;
  } else if (exponent < 0) {
    text = "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
    text = digits.substr(0, whole) + "." + (digits.size() > whole ? digits.substr(whole) : "0");
  }
  return negative ? "-" + text : text;
}

std::string print(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return "None";
    case Kind::boolean:
      return value.boolean() ? "True" : "False";
    case Kind::integer:
      return std::to_string(value.integer());
    case Kind::real:
      return print(value.real());
    case Kind::string:
      return value.string();
    case Kind::unknown:
      throw Unknown(value.reasons());
    case Kind::object:
      if (!as_tuple(value)) return print_object(value);
      [[fallthrough]];
    case Kind::list:
    case Kind::map:
      break;
  }
  Printer printer;
  printer.value(value, 0);
  return std::move(printer.out);
}

std::string print_output(const Value& value) {
  if (!value.is_list() && !value.is_map() && !value.is_object()) return print(value);
  if (value.is_object() && !as_tuple(value)) return print(value);
  Printer printer;
  printer.for_output = true;
  printer.value(value, 0);
  return std::move(printer.out);
}

std::string repr(std::string_view text) {
  Printer printer;
  printer.text(text);
  return std::move(printer.out);
}

std::string repr(const Value& value) {
  return value.is_string() ? repr(value.string()) : print(value);
}

Value plain(const Value& value) {
  return is_plain(value, 0) ? value : plain(value, 0);
}

}  // namespace agent::jinja
