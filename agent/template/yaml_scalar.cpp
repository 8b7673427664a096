#include <array>
#include <cmath>
#include <limits>

#include <agent/template/compare.hpp>
#include <agent/template/unicode.hpp>
#include <agent/template/yaml_scalar.hpp>

namespace agent::jinja {

namespace {

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

std::string without_underscores(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != '_') result += c;
  return result;
}

bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == text.npos;
}

std::optional<bool> boolean(std::string_view text) {
  constexpr std::array<std::string_view, 9> yes = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  constexpr std::array<std::string_view, 9> no = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
  for (const auto word : yes)
    if (text == word) return true;
  for (const auto word : no)
    if (text == word) return false;
  return std::nullopt;
}

// "1:30:00": base sixty, the first part of any size. The last part may be real.
std::optional<double> sexagesimal(std::string_view text) {
  double value = 0;
  bool first = true;
  for (const std::string& part : split(text, ":")) {
    const std::string digits = without_underscores(part);
    const auto number = parse_real(digits);
    if (!number || !is_decimal(part.front()) || (!first && (part.size() > 2 && part.find('.') == part.npos)) ||
        (!first && *number >= 60))
      return std::nullopt;
    value = value * 60 + *number;
    first = false;
  }
  return value;
}

// Without the sign.
std::optional<Value> integer(std::string_view text, bool negative) {
  const auto signed_value = [&](std::string digits, int base) -> std::optional<Value> {
    if (digits.empty()) return std::nullopt;
    if (negative) digits.insert(digits.begin(), '-');
    if (const auto value = parse_integer(digits, base)) return Value(*value);
    return base == 10 ? std::optional(Value(std::strtod(digits.c_str(), nullptr))) : std::nullopt;
  };
  const std::string_view rest = text.size() > 2 ? text.substr(2) : std::string_view();
  if (text.rfind("0b", 0) == 0 && only(rest, "01_")) return signed_value(without_underscores(rest), 2);
  if (text.rfind("0x", 0) == 0 && only(rest, "0123456789abcdefABCDEF_"))
    return signed_value(without_underscores(rest), 16);
  if (text.size() > 1 && text.front() == '0')
    return only(text.substr(1), "01234567_") ? signed_value("0" + without_underscores(text.substr(1)), 8)
                                             : std::nullopt;
  if (is_decimal(text.front()) && only(text, "0123456789_")) return signed_value(without_underscores(text), 10);
  if (text.front() >= '1' && text.front() <= '9' && text.find(':') != text.npos && text.find('.') == text.npos)
    if (const auto value = sexagesimal(text)) return Value(static_cast<std::int64_t>(negative ? -*value : *value));
  return std::nullopt;
}

std::optional<Value> real(std::string_view text, bool negative, bool is_signed) {
  if (text == ".inf" || text == ".Inf" || text == ".INF") {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value(negative ? -infinity : infinity);
  }
  if (!is_signed && (text == ".nan" || text == ".NaN" || text == ".NAN")) return Value(std::nan(""));
  const std::size_t point = text.find('.');
  if (point == text.npos) return std::nullopt;
  const std::size_t exponent = text.find_first_of("eE", point);
  const std::string_view whole = text.substr(0, point),
                         rest = text.substr(point + 1, exponent == text.npos ? text.npos : exponent - point - 1);
  if (exponent != text.npos) {
    const std::string_view power = text.substr(exponent + 1);
    if (power.size() < 2 || (power[0] != '+' && power[0] != '-') || !only(power.substr(1), "0123456789"))
      return std::nullopt;
  }
  if (whole.find(':') != whole.npos) {
    if (exponent != text.npos || !is_decimal(whole.front()) || (!rest.empty() && !only(rest, "0123456789_")))
      return std::nullopt;
    const auto value = sexagesimal(text);
    return value ? std::optional(Value(negative ? -*value : *value)) : std::nullopt;
  }
  if (whole.empty() ? rest.empty() || !is_decimal(rest.front()) || is_signed
                    : !is_decimal(whole.front()) || !only(whole, "0123456789_"))
    return std::nullopt;
  if (!rest.empty() && !only(rest, "0123456789_")) return std::nullopt;
  const double value = std::strtod(without_underscores(text).c_str(), nullptr);
  return Value(negative ? -value : value);
}

// 2001-12-14, or with a time behind it.
bool is_timestamp(std::string_view text) {
  const auto digits = [&](std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < most && count < text.size() && is_decimal(text[count])) ++count;
    if (count < least) return false;
    text.remove_prefix(count);
    return true;
  };
  const auto mark = [&](char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  };
  const std::string_view whole = text;
  if (!digits(4, 4) || !mark('-') || !digits(1, 2) || !mark('-') || !digits(1, 2)) return false;
  if (text.empty()) return whole.size() == 10;
  if (!mark('T') && !mark('t')) {
    if (!mark(' ') && !mark('\t')) return false;
    while (mark(' ') || mark('\t')) continue;
  }
  if (!digits(1, 2) || !mark(':') || !digits(2, 2) || !mark(':') || !digits(2, 2)) return false;
  if (mark('.'))
    while (digits(1, 1)) continue;
  while (mark(' ') || mark('\t')) continue;
  if (text.empty() || text == "Z") return true;
  if ((!mark('+') && !mark('-')) || !digits(1, 2)) return false;
  return text.empty() || (mark(':') && digits(2, 2) && text.empty());
}

}  // namespace

Value yaml_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (const auto value = boolean(text)) return *value;
  const bool is_signed = text.front() == '-' || text.front() == '+', negative = text.front() == '-';
  const std::string_view digits = is_signed ? text.substr(1) : text;
  if (digits.empty() || (!is_decimal(digits.front()) && digits.front() != '.')) return text;
  if (auto value = integer(digits, negative)) return *std::move(value);
  if (auto value = real(digits, negative, is_signed)) return *std::move(value);
  return text;
}

bool yaml_reads_as_text(std::string_view text) {
  return text != "=" && text != "<<" && !is_timestamp(text) && yaml_scalar(text).is_string();
}

}  // namespace agent::jinja
