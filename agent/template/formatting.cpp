#include <algorithm>
#include <cmath>
#include <cstdio>

#include <agent/template/compare.hpp>
#include <agent/template/formatting.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::int64_t widest = 1'000'000;

/// [[fill]align][sign][#][0][width][,][.precision][type]
struct Spec {
  std::string fill = " ";
  char align = 0, sign = '-', type = 0, grouping = 0;
  bool alternate = false, zero = false;
  std::int64_t width = 0, precision = -1;
};

bool is_align(char32_t point) {
  return point == '<' || point == '>' || point == '^' || point == '=';
}

std::int64_t read_number(std::u32string_view& rest) {
  std::int64_t number = 0;
  while (!rest.empty() && is_digit(rest.front())) {
    number = number * 10 + static_cast<std::int64_t>(rest.front() - '0');
    if (number > widest) throw Error("the width in a format is too large");
    rest.remove_prefix(1);
  }
  return number;
}

Spec parse_spec(std::string_view text) {
  const CodePoints points = code_points(text);
  std::u32string_view rest = points;
  Spec spec;
  if (rest.size() > 1 && is_align(rest[1])) {
    spec.fill = utf8(rest.substr(0, 1));
    spec.align = static_cast<char>(rest[1]);
    rest.remove_prefix(2);
  } else if (!rest.empty() && is_align(rest[0])) {
    spec.align = static_cast<char>(rest[0]);
    rest.remove_prefix(1);
  }
  const auto take = [&](std::u32string_view any) {
    if (rest.empty() || any.find(rest.front()) == any.npos) return '\0';
    const char found = static_cast<char>(rest.front());
    rest.remove_prefix(1);
    return found;
  };
  if (const char sign = take(U"+- ")) spec.sign = sign;
  spec.alternate = take(U"#") != 0;
  if (take(U"0")) {
    spec.zero = true;
    if (!spec.align) spec.align = '=', spec.fill = "0";
  }
  spec.width = read_number(rest);
  spec.grouping = take(U",_");
  if (take(U".")) {
    if (rest.empty() || !is_digit(rest.front())) throw Error("a format lacks the digits behind '.'");
    spec.precision = read_number(rest);
  }
  spec.type = take(U"bcdeEfFgGnosxX%");
  if (!rest.empty())
    throw Error("'" + std::string(text) + "' is no format").hint("expected something like '>8', '05d' or '.2f'");
  return spec;
}

std::string grouped(std::string digits, char separator) {
  std::size_t end = digits.find_first_not_of("0123456789");
  if (end == digits.npos) end = digits.size();
  for (std::size_t i = end; i > 3;) {
    i -= 3;
    digits.insert(i, 1, separator);
  }
  return digits;
}

std::string in_base(std::uint64_t number, unsigned base, bool capitals) {
  const char* const digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  do {
    text += digits[number % base];
    number /= base;
  } while (number > 0);
  std::reverse(text.begin(), text.end());
  return text;
}

std::string print_real(double value, char type, std::int64_t precision) {
  const bool capitals = type == 'F' || type == 'E' || type == 'G';
  if (std::isnan(value)) return capitals ? "NAN" : "nan";
  if (std::isinf(value)) return capitals ? "INF" : "inf";
  const char kind = static_cast<char>(type | 0x20);
  const auto digits = static_cast<int>(std::min<std::int64_t>(precision, 1000));
  char buffer[1500];  // 309 digits before the point, 1000 behind it
  const int size = std::snprintf(buffer, sizeof buffer,
                                 kind == 'f'   ? "%.*f"
                                 : kind == 'e' ? "%.*e"
                                               : "%.*g",
                                 digits, value);
  const std::string text(buffer, static_cast<std::size_t>(size));
  return capitals ? upper(text) : text;
}

// The digits of a number without its sign.
std::string magnitude(const Value& value, const Spec& spec) {
  const bool reals = std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos && spec.type != 0;
  if (is_whole(value) && !reals) {
    if (spec.precision >= 0) throw Error("a whole number takes no digits behind a point in a format");
    const std::int64_t number = whole(value);
    const std::uint64_t size = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    switch (spec.type) {
      case 'b':
        return (spec.alternate ? "0b" : "") + in_base(size, 2, false);
      case 'o':
        return (spec.alternate ? "0o" : "") + in_base(size, 8, false);
      case 'x':
        return (spec.alternate ? "0x" : "") + in_base(size, 16, false);
      case 'X':
        return (spec.alternate ? "0X" : "") + in_base(size, 16, true);
      case 's':
        throw Error("a number cannot be formatted as 's'");
      default:
        return spec.grouping ? grouped(std::to_string(size), spec.grouping) : std::to_string(size);
    }
  }
  const double number = std::abs(*agent::jinja::number(value));
  std::string text;
  if (spec.type == 0 && spec.precision < 0) {
    text = print(number);
  } else if (spec.type == 0) {
    text = print_real(number, 'g', std::max<std::int64_t>(spec.precision, 1));
    if (text.find_first_of(".en") == text.npos) text += ".0";
  } else if (spec.type == '%') {
    text = print_real(number * 100, 'f', spec.precision < 0 ? 6 : spec.precision) + "%";
  } else if (reals || spec.type == 'n') {
    const char type = spec.type == 'n' ? 'g' : spec.type;
    text = print_real(number, type, spec.precision < 0 ? 6 : spec.precision);
  } else {
    throw Error(std::string("a real number cannot be formatted as '") + spec.type + "'");
  }
  return spec.grouping ? grouped(std::move(text), spec.grouping) : text;
}

std::string formatted_number(const Value& value, const Spec& spec) {
  const bool negative = is_whole(value) ? whole(value) < 0 : std::signbit(value.real());
  const std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  std::string digits = magnitude(value, spec);
  if (spec.align == '=') {
    const auto size = static_cast<std::int64_t>(sign.size() + character_count(digits));
    if (size < spec.width) digits = padded(digits, spec.width - static_cast<std::int64_t>(sign.size()), spec.fill, '>');
    return sign + digits;
  }
  return padded(sign + digits, spec.width, spec.fill, spec.align ? spec.align : '>');
}

std::string formatted(const Value& value, std::string_view spec_text) {
  if (spec_text.empty()) return print(value);
  const Spec spec = parse_spec(spec_text);
  if (value.is_number() || (value.is_boolean() && spec.type != 0 && spec.type != 's'))
    return formatted_number(value, spec);
  if (!value.is_string() && !value.is_boolean())
    throw Error(std::string(kind_name(value)) + " takes no format").hint("'!s' before the ':' makes it text first");
  if (spec.type != 0 && spec.type != 's') throw Error(std::string("text cannot be formatted as '") + spec.type + "'");
  if (spec.align == '=') throw Error("'=' aligns numbers only");
  std::string text = value.is_boolean() ? std::to_string(value.boolean()) : value.string();
  if (spec.precision >= 0) text = text.substr(0, byte_of_character(text, static_cast<std::size_t>(spec.precision)));
  return padded(text, spec.width, spec.fill, spec.align ? spec.align : value.is_boolean() ? '>' : '<');
}

/// Reads one format text, left to right.
class BraceFormatter {
 public:
  BraceFormatter(Context& context, const List& positional, const std::vector<std::pair<std::string, Value>>& named)
      : context_(context), positional_(positional), named_(named) {}

  std::string format(std::string_view text, int depth) {
    if (depth > 2) throw Error("braces in a format are nested too deeply");
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '{' && text[i] != '}') {
        result += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == text[i]) {
        result += text[i++];
      } else if (text[i] == '}') {
        throw Error("a single '}' in a format").hint("write '}}' for one brace");
      } else {
        const std::size_t end = matching(text, i);
        result += field(text.substr(i + 1, end - i - 1), depth);
        i = end;
      }
    }
    return result;
  }

 private:
  static std::size_t matching(std::string_view text, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
      if (text[i] == '{') ++depth;
      if (text[i] == '}' && --depth == 0) return i;
    }
    throw Error("a '{' in a format is never closed").hint("write '{{' for one brace");
  }

  std::string field(std::string_view text, int depth) {
    std::size_t name_end = std::min(text.find_first_of(":!"), text.size());
    // A colon inside brackets is a part of a key.
    if (const std::size_t bracket = text.find('['); bracket < name_end)
      name_end = std::min(text.find_first_of(":!", std::min(text.find(']', bracket), text.size())), text.size());
    Value value = argument(text.substr(0, name_end));
    std::string_view rest = text.substr(name_end);
    if (!rest.empty() && rest.front() == '!') {
      if (rest.size() < 2 || (rest[1] != 'r' && rest[1] != 's' && rest[1] != 'a'))
        throw Error("behind '!' a format has 'r', 's' or 'a'");
      value = rest[1] == 's' ? print(value) : repr(value);
      rest.remove_prefix(2);
    }
    if (rest.empty()) return print(value);
    if (rest.front() != ':') throw Error("a format lacks ':' before its details");
    return formatted(value, format(rest.substr(1), depth + 1));
  }

  Value argument(std::string_view path) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    Value value = first(path.substr(0, end));
    path.remove_prefix(end);
    while (!path.empty()) {
      const bool is_key = path.front() == '[';
      path.remove_prefix(1);
      const std::size_t stop = std::min(is_key ? path.find(']') : path.find_first_of(".["), path.size());
      const std::string key(path.substr(0, stop));
      const auto number = parse_integer(key);
      value = is_key ? context_.item(value, number ? Value(*number) : Value(key)) : context_.attribute(value, key);
      path.remove_prefix(std::min(stop + (is_key ? 1 : 0), path.size()));
    }
    return value;
  }

  Value first(std::string_view name) {
    const auto number =
        name.empty() ? std::optional<std::int64_t>(static_cast<std::int64_t>(next_++)) : parse_integer(name);
    if (number) {
      if (*number < 0 || static_cast<std::size_t>(*number) >= positional_.size())
        throw Error("a format asks for value " + std::to_string(*number) + ", and there are " +
                    std::to_string(positional_.size()));
      return positional_[static_cast<std::size_t>(*number)];
    }
    for (const auto& [key, value] : named_)
      if (key == name) return value;
    throw Error("a format asks for '" + std::string(name) + "', which it was not given");
  }

  Context& context_;
  const List& positional_;
  const std::vector<std::pair<std::string, Value>>& named_;
  std::size_t next_ = 0;
};

/// Reads a text with `%` in it.
class PercentFormatter {
 public:
  explicit PercentFormatter(const Value& values) : values_(values) {
    if (const Tuple* several = as_tuple(values))
      items_ = several->items();
    else
      items_ = {values};
  }

  std::string format(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%')
        result += text[i];
      else
        result += conversion(text, ++i);
      if (result.size() > std::size_t{64} << 20) throw Error("the result is too large");
    }
    if (!as_tuple(values_) && (values_.is_map() || values_.is_list())) return result;
    if (next_ < items_.size())
      throw Error("the format takes " + std::to_string(next_) + " values, and there are " +
                  std::to_string(items_.size()));
    return result;
  }

 private:
  // Ends with `i` at the last character.
  std::string conversion(std::string_view text, std::size_t& i) {
    std::optional<Value> value;
    if (i < text.size() && text[i] == '(') {
      const std::size_t close = text.find(')', i);
      if (close == text.npos) throw Error("a name in a format is never closed").hint("expected ')'");
      const std::string name(text.substr(i + 1, close - i - 1));
      if (!values_.is_map()) throw Error("a format with names needs a mapping");
      const Value* found = values_.map().find(name);
      if (!found) throw Error("a format asks for '" + name + "', which it was not given");
      value = *found;
      i = close + 1;
    }
    Spec spec;
    bool left = false;
    for (; i < text.size() && std::string_view("-+ #0").find(text[i]) != std::string_view::npos; ++i) {
      if (text[i] == '-') left = true;
      if (text[i] == '+' || (text[i] == ' ' && spec.sign != '+')) spec.sign = text[i];
      if (text[i] == '#') spec.alternate = true;
      if (text[i] == '0') spec.zero = true;
    }
    spec.width = number(text, i);
    if (spec.width < 0) left = true, spec.width = -spec.width;
    if (i < text.size() && text[i] == '.') spec.precision = std::max<std::int64_t>(0, number(text, ++i));
    while (i < text.size() && (text[i] == 'l' || text[i] == 'h' || text[i] == 'L')) ++i;
    if (i >= text.size()) throw Error("a format ends in the middle of '%...'").hint("write '%%' for a percent sign");
    spec.type = text[i];
    if (spec.type == '%') return "%";
    spec.align = left ? '<' : '>';
    if (!value) value = next();
    return converted(*value, spec, left);
  }

  std::int64_t number(std::string_view text, std::size_t& i) {
    if (i < text.size() && text[i] == '*') {
      ++i;
      const Value value = next();
      if (!is_whole(value)) throw Error("'*' in a format needs a whole number");
      if (whole(value) > widest || whole(value) < -widest) throw Error("the width in a format is too large");
      return whole(value);
    }
    std::int64_t result = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      result = result * 10 + (text[i] - '0');
      if (result > widest) throw Error("the width in a format is too large");
    }
    return result;
  }

  Value next() {
    if (next_ >= items_.size())
      throw Error("the format needs more values than the " + std::to_string(items_.size()) + " there are");
    return items_[next_++];
  }

  static std::string converted(const Value& value, Spec spec, bool left) {
    switch (spec.type) {
      case 's':
      case 'r':
      case 'a': {
        std::string text = spec.type == 's' ? print(value) : repr(value);
        if (spec.precision >= 0)
          text = text.substr(0, byte_of_character(text, static_cast<std::size_t>(spec.precision)));
        return padded(text, spec.width, " ", spec.align);
      }
      case 'c': {
        const std::string text = value.is_string() ? value.string()
                                 : is_whole(value) ? utf8(CodePoints(1, static_cast<char32_t>(whole(value))))
                                                   : "";
        if (character_count(text) != 1) throw Error("'%c' needs one character");
        return padded(text, spec.width, " ", spec.align);
      }
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        return whole_number(value, spec, left);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        break;
      default:
        throw Error(std::string("a format knows no '%") + spec.type + "'");
    }
    const auto real = agent::jinja::number(value);
    if (!real)
      throw Error(std::string("'%") + spec.type + "' needs a number, and this is " + std::string(kind_name(value)));
    if (spec.precision < 0) spec.precision = 6;
    if (spec.zero && !left) spec.align = '=', spec.fill = "0";
    return formatted_number(Value(*real), spec);
  }

  static std::string whole_number(const Value& value, Spec spec, bool left) {
    if (!is_whole(value) && !(value.is_real() && std::string_view("diu").find(spec.type) != std::string_view::npos))
      throw Error(std::string("'%") + spec.type + "' needs a whole number, and this is " +
                  std::string(kind_name(value)));
    const Value number = is_whole(value) ? Value(whole(value)) : Value(static_cast<std::int64_t>(value.real()));
    if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
    const std::int64_t least = std::exchange(spec.precision, -1);
    if (least < 0) {
      if (spec.zero && !left) spec.align = '=', spec.fill = "0";
      return formatted_number(number, spec);
    }
    Spec digits = spec;
    digits.width = least + (whole(number) < 0 || spec.sign != '-' ? 1 : 0);
    digits.align = '=';
    digits.fill = "0";
    return padded(formatted_number(number, digits), spec.width, spec.zero && !left ? "0" : " ", spec.align);
  }

  const Value& values_;
  List items_;
  std::size_t next_ = 0;
};

}  // namespace

std::string brace_format(Context& context, std::string_view format, const List& positional,
                         const std::vector<std::pair<std::string, Value>>& named) {
  return BraceFormatter(context, positional, named).format(format, 0);
}

std::string percent_format(std::string_view format, const Value& values) {
  return PercentFormatter(values).format(format);
}

std::string padded(std::string_view text, std::int64_t width, std::string_view fill, char alignment) {
  const auto size = static_cast<std::int64_t>(character_count(text));
  std::string result(text);
  if (size >= width) return result;
  const std::int64_t missing = width - size;
  std::int64_t left = 0;
  if (alignment == '>') left = missing;
  if (alignment == '^') left = missing / 2;
  if (alignment == 'c') left = missing / 2 + (missing & width & 1);
  std::string before, after;
  for (std::int64_t i = 0; i < missing; ++i) (i < left ? before : after) += fill;
  return before + result + after;
}

}  // namespace agent::jinja
