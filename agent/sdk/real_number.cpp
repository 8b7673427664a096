#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <agent/sdk/real_number.hpp>

namespace agent {

std::optional<double> real_number(std::string_view text) {
  // strtod would also take blanks, a '+' and hexadecimal digits. Nobody here calls setlocale.
  if (text.empty() || text.find_first_of(" \t\n\v\f\r+xX") == 0 || text.find_first_of("xX") != text.npos)
    return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  // ERANGE is also said of numbers that are merely rounded, far below 1.
  if (errno == ERANGE && (value == 0 || std::isinf(value))) return std::nullopt;
  return value;
}

std::string shortest_text(double value, bool scientific) {
  char text[64];
#ifdef __cpp_lib_to_chars
  const auto end = scientific ? std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr
                              : std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
#else
  // GCC 10: as many digits as it takes; 17 always do.
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, scientific ? "%.*e" : "%.*g", scientific ? digits - 1 : digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  return text;
#endif
}

}  // namespace agent
