// A list or mapping as Python's json.dumps writes it, byte for byte: a file that Ansible made counts as unchanged.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "copy.hpp"

namespace agent::copy {
namespace {

// The shortest digits that mean this number, laid out as Python's repr does it.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[40];
  for (int precision = 0; precision < 17; ++precision) {
    std::snprintf(buffer, sizeof buffer, "%.*e", precision, value);
    if (std::strtod(buffer, nullptr) == value) break;
  }
  const std::string text = buffer;
  const auto mark = text.find('e');
  const int exponent = std::atoi(text.c_str() + mark + 1);
  const auto digits = static_cast<int>(mark) - (text[0] == '-' ? 1 : 0) - (text.find('.') < mark ? 1 : 0);
  if (exponent < -4 || exponent >= 16) return text;
  std::snprintf(buffer, sizeof buffer, "%.*f", std::max(digits - 1 - exponent, 1), value);
  return buffer;
}

void write_unit(unsigned unit, std::string& out) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "\\u%04x", unit);
  out += buffer;
}

// The code point that begins at `at`, which is moved behind it; a byte that begins none is one of its own.
unsigned code_point(const std::string& text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at++);
  const unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0 || at + more > text.size()) return first;
  unsigned point = first & (0x3FU >> more);
  for (unsigned i = 0; i < more; ++i) point = (point << 6U) | (byte(at + i) & 0x3FU);
  at += more;
  return point;
}

void write_text(const std::string& text, std::string& out) {
  static constexpr std::string_view named = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const unsigned point = code_point(text, at);
    const auto which = point < 0x7F ? named.find(static_cast<char>(point)) : std::string_view::npos;
    if (which != std::string_view::npos)
      (out += '\\') += letters[which];
    else if (point >= 0x20 && point < 0x7F)
      out += static_cast<char>(point);
    else if (point < 0x10000)
      write_unit(point, out);
    else
      write_unit(0xD800 + ((point - 0x10000) >> 10U), out), write_unit(0xDC00 + ((point - 0x10000) & 0x3FFU), out);
  }
  out += '"';
}

void write(const Value& value, std::string& out) {
  const char* comma = "";
  if (value.is_list()) {
    out += '[';
    for (const Value& item : value.list()) out += comma, comma = ", ", write(item, out);
    out += ']';
  } else if (value.is_map()) {
    out += '{';
    for (const auto& [key, member] : value.map())
      out += comma, comma = ", ", write_text(key, out), out += ": ", write(member, out);
    out += '}';
  } else if (value.is_string()) {
    write_text(value.string(), out);
  } else if (value.is_real()) {
    out += number(value.real());
  } else {
    out += value.json();
  }
}

}  // namespace

std::string python_json(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace agent::copy
