#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/real_number.hpp>
#include <agent/sdk/text.hpp>
#include <agent/yaml/yaml.hpp>

// The patterns are those of PyYAML's resolver (YAML 1.1), not those of the specification: people's files were written
// against the former. Where PyYAML would make an integer beyond 64 bits, the text is kept, which prints the same.
namespace agent::yaml {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
bool is_hex(char c) {
  return text::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <class Test>
bool all_of(std::string_view text, Test test) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) { return c == '_' || test(c); });
}

std::string without_underscores(std::string_view text) {
  std::string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result), [](char c) { return c != '_'; });
  return result;
}

std::optional<std::int64_t> number(std::string_view digits, int base, bool negative) {
  const std::string text = (negative ? "-" : "") + without_underscores(digits);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// "190:20:30": digits, then groups below sixty. Nothing when the text is no such number.
std::optional<std::int64_t> sexagesimal(std::string_view text, bool negative) {
  std::int64_t value = 0;
  bool first = true;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const auto group = number(part, 10, false);
    if (!group) return {};
    if (!first && (part.size() > 2 || !all_of(part, text::is_digit) || part.find('_') != part.npos || *group > 59))
      return {};
    if (value > (std::numeric_limits<std::int64_t>::max() - *group) / 60) return {};
    value = value * 60 + *group;
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
    first = false;
  }
  return first ? std::nullopt : std::optional(negative ? -value : value);
}

std::optional<std::int64_t> integer(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty() || !text::is_digit(text.front())) return {};
  if (text == "0") return 0;
  if (text.front() == '0') {
    const std::string_view rest = text.substr(1);
    if (rest.front() == 'b')
      return all_of(rest.substr(1), [](char c) { return c == '0' || c == '1'; }) ? number(rest.substr(1), 2, negative)
                                                                                 : std::nullopt;
    if (rest.front() == 'x')
      return all_of(rest.substr(1), is_hex) ? number(rest.substr(1), 16, negative) : std::nullopt;
    return all_of(rest, is_octal) ? number(text, 8, negative) : std::nullopt;
  }
  if (all_of(text, text::is_digit)) return number(text, 10, negative);
  const std::size_t colon = text.find(':');
  return colon != text.npos && all_of(text.substr(0, colon), text::is_digit) ? sexagesimal(text, negative)
                                                                             : std::nullopt;
}

/// `[0-9_]*` at the front is taken off; false when `required` and there is none.
void skip_digits(std::string_view& text) {
  while (!text.empty() && (text::is_digit(text.front()) || text.front() == '_')) text.remove_prefix(1);
}

/// An exponent needs its sign, as in PyYAML: 1.0e+5, while 1.0e5 and 1e5 are text.
bool is_exponent(std::string_view text) {
  return text.size() > 2 && (text[0] == 'e' || text[0] == 'E') && (text[1] == '+' || text[1] == '-') &&
         std::all_of(text.begin() + 2, text.end(), text::is_digit);
}

bool is_decimal(std::string_view text) {
  const bool is_signed = text.front() == '-' || text.front() == '+';
  if (is_signed) text.remove_prefix(1);
  if (text.empty()) return false;
  if (text.front() == '.') {  // ".5" takes no sign
    if (is_signed || text.size() < 2 || !text::is_digit(text[1])) return false;
  } else if (!text::is_digit(text.front())) {
    return false;
  }
  skip_digits(text);
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  skip_digits(text);
  return text.empty() || is_exponent(text);
}

/// "190:20:30.15": the last group carries the fraction.
std::optional<double> sexagesimal_real(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  if (text.empty() || !text::is_digit(text.front()) || dot == text.npos || text.find(':') > dot) return {};
  const auto whole = sexagesimal(text.substr(0, dot), false);
  std::string_view rest = text.substr(dot + 1);
  skip_digits(rest);
  if (!whole || !rest.empty()) return {};
  const std::string fraction = "0." + without_underscores(text.substr(dot + 1)) + "0";
  const double value = static_cast<double>(*whole) + std::stod(fraction);
  return negative ? -value : value;
}

std::optional<double> special_real(std::string_view text) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::numeric_limits<double>::quiet_NaN();
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return negative ? -infinity : infinity;
  return {};
}

std::optional<double> real(std::string_view text) {
  if (is_decimal(text)) {
    std::string digits = without_underscores(text);
    if (const auto value = real_number(std::string_view(digits).substr(digits.front() == '+' ? 1 : 0))) return value;
    // Out of range: Python says inf or 0.
    return digits.find("e-") != digits.npos || digits.find("E-") != digits.npos
               ? 0.0
               : std::copysign(std::numeric_limits<double>::infinity(), digits.front() == '-' ? -1.0 : 1.0);
  }
  if (const auto value = special_real(text)) return value;
  return sexagesimal_real(text);
}

std::optional<bool> boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 9> yes = {"yes",  "Yes", "YES", "true", "True",
                                                          "TRUE", "on",  "On",  "ON"};
  static constexpr std::array<std::string_view, 9> no = {"no",    "No",  "NO",  "false", "False",
                                                         "FALSE", "off", "Off", "OFF"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return {};
}

}  // namespace

Value plain_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text.size() <= 5)
    if (const auto value = boolean(text)) return *value;
  const char first = text.front();
  if (text::is_digit(first) || first == '-' || first == '+' || first == '.') {
    if (const auto value = real(text)) return *value;
    if (const auto value = integer(text)) return *value;
  }
  return std::string(text);
}

}  // namespace agent::yaml
