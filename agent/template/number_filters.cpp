// Filters that calculate, and those that write sizes for people.
#include <cmath>
#include <cstdio>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

Value absolute(Context&, const Value& input, const Bound&) {
  if (is_whole(input)) return whole(input) < 0 ? negate(input) : Value(whole(input));
  return std::abs(number_of(input));
}

// Rounds what the number exactly is, halves to even, as Python does.
double rounded(double value, int digits) {
  if (!std::isfinite(value)) return value;
  if (digits < 0) {
    const double unit = std::pow(10, -digits);
    return std::nearbyint(value / unit) * unit;
  }
  char text[512];
  std::snprintf(text, sizeof text, "%.*f", std::min(digits, 100), value);
  return std::strtod(text, nullptr);
}

Value round_(Context&, const Value& input, const Bound& arguments) {
  const int digits = static_cast<int>(arguments.integer(0, 0));
  const std::string method = arguments.text(1, "common");
  const double value = number_of(input), unit = std::pow(10, digits);
  if (method == "common") {
    // Python rounds whole numbers to whole numbers.
    if (is_whole(input) && digits >= 0) return whole(input);
    if (is_whole(input)) return static_cast<std::int64_t>(rounded(value, digits));
    return rounded(value, digits);
  }
  if (method == "ceil") return std::ceil(value * unit) / unit;
  if (method == "floor") return std::floor(value * unit) / unit;
  throw Error("the method of rounding has to be common, ceil or floor, not '" + method + "'");
}

Value logarithm(Context&, const Value& input, const Bound& arguments) {
  const double value = number_of(input);
  if (value <= 0) throw Error("only a number above zero has a logarithm");
  if (!arguments.has(0)) return std::log(value);
  const double base = number_of(arguments[0]);
  if (base == 10) return std::log10(value);
  if (base <= 0 || base == 1) throw Error("there are no logarithms to the base " + print(arguments[0]));
  return std::log(value) / std::log(base);
}

Value power_(Context&, const Value& input, const Bound& arguments) {
  const double result = std::pow(number_of(input), number_of(arguments[0]));
  if (std::isnan(result)) throw Error("a negative number has no power of a fraction");
  return result;
}

Value root(Context&, const Value& input, const Bound& arguments) {
  const double base = arguments.has(0) ? number_of(arguments[0]) : 2, value = number_of(input);
  if (base == 2 && value < 0) throw Error("a negative number has no square root");
  if (base == 0) throw Error("there is no zeroth root");
  return base == 2 ? std::sqrt(value) : std::pow(value, 1 / base);
}

struct Unit {
  char letter;
  double size;
};
constexpr Unit units[] = {{'Y', 0x1p80}, {'Z', 0x1p70}, {'E', 0x1p60}, {'P', 0x1p50}, {'T', 0x1p40},
                          {'G', 0x1p30}, {'M', 0x1p20}, {'K', 0x1p10}, {'B', 1}};

Value human_readable(Context&, const Value& input, const Bound& arguments) {
  const double size = input.is_string() ? parse_real(input.string()).value_or(-1) : number_of(input);
  if (input.is_string() && !parse_real(input.string())) throw Error("expected a number of bytes, found " + repr(input));
  const bool bits = arguments.flag(0);
  const std::string wanted = arguments.has(1) && !arguments[1].is_null() ? upper(arguments.text(1)) : "";
  const Unit* unit = &units[8];
  for (const Unit& candidate : units)
    if (wanted.empty() ? size >= candidate.size : wanted.front() == candidate.letter) {
      unit = &candidate;
      break;
    }
  const std::string base = bits ? "bits" : "Bytes";
  std::string suffix = base;
  if (unit->letter != 'B') suffix = std::string(1, unit->letter) + (bits ? "b" : "B");
  char text[64];
  std::snprintf(text, sizeof text, "%.2f ", size / unit->size);
  return text + suffix;
}

Value human_to_bytes(Context&, const Value& input, const Bound& arguments) {
  const std::string text = print(input);
  std::size_t digits = 0;
  while (digits < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[digits])) || text[digits] == '.' || text[digits] == ','))
    ++digits;
  const auto number = digits == 0 ? std::nullopt : parse_real(text.substr(0, digits));
  if (!number) throw Error("expected a size like '10M', found " + repr(input));
  std::string unit = strip(text.substr(digits));
  if (unit.empty() && arguments.has(0) && !arguments[0].is_null()) unit = arguments.text(0);
  if (unit.empty()) return static_cast<std::int64_t>(std::nearbyint(*number));
  const bool bits = arguments.flag(1);
  const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
  for (const Unit& candidate : units) {
    if (candidate.letter != letter) continue;
    const std::string rest = unit.substr(1);
    const std::string word = upper(unit);
    const bool fits = unit.size() == 1 || (letter != 'B' && rest == (bits ? "b" : "B")) ||
                      (letter == 'B' && (word == "BYTE" || word == "BYTES" || word == "BIT" || word == "BITS"));
    if (!fits) break;
    return static_cast<std::int64_t>(std::nearbyint(*number * candidate.size));
  }
  throw Error("there is no unit '" + unit + "'")
      .hint(bits ? "expected b, Kb, Mb, Gb, Tb, ..." : "expected B, KB, MB, GB, TB, ..., or only the first letter");
}

Value file_size(Context&, const Value& input, const Bound& arguments) {
  const double size = input.is_string() ? parse_real(input.string()).value_or(NAN) : number_of(input);
  if (std::isnan(size)) throw Error("expected a number of bytes, found " + repr(input));
  const bool binary = arguments.flag(0);
  const double base = binary ? 1024 : 1000;
  if (size == 1) return "1 Byte";
  if (size < base) return std::to_string(static_cast<std::int64_t>(size)) + " Bytes";
  constexpr std::string_view letters = "kMGTPEZY";
  double unit = base;
  std::size_t i = 0;
  while (i + 1 < letters.size() && size >= unit * base) unit *= base, ++i;
  char text[64];
  std::snprintf(text, sizeof text, "%.1f ", size / unit);
  std::string suffix(1, binary && letters[i] == 'k' ? 'K' : letters[i]);
  return text + suffix + (binary ? "iB" : "B");
}

}  // namespace

const Filters& number_filters() {
  static const Filters filters = {{"abs", "", absolute},
                                  {"round", "precision=, method=", round_},
                                  {"log", "base=", logarithm},
                                  {"pow", "y", power_},
                                  {"root", "base=", root},
                                  {"human_readable", "isbits=, unit=", human_readable},
                                  {"human_to_bytes", "default_unit=, isbits=", human_to_bytes},
                                  {"filesizeformat", "binary=", file_size}};
  return filters;
}

}  // namespace agent::jinja
