#include <algorithm>
#include <charconv>
#include <optional>

#include <agent/template/literals.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// The character of `digits` (exactly so many hexadecimal ones), or nothing.
std::optional<char32_t> hexadecimal(std::string_view digits, std::size_t count) {
  if (digits.size() < count) return std::nullopt;
  std::uint32_t point = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + count, point, 16);
  if (error != std::errc() || end != digits.data() + count || point > 0x10ffff) return std::nullopt;
  return point;
}

std::optional<char> simple(char letter) {
  constexpr std::string_view letters = "ntrabfv\\'\"", meanings = "\n\t\r\a\b\f\v\\'\"";
  const std::size_t i = letters.find(letter);
  return i == letters.npos ? std::nullopt : std::optional(meanings[i]);
}

// Takes one escape, whose backslash is gone already, off the front of `rest`.
void append_escape(std::string& text, std::string_view& rest) {
  const char letter = rest.front();
  if (letter == '\n') return rest.remove_prefix(1);
  if (const auto meaning = simple(letter)) {
    text += *meaning;
    return rest.remove_prefix(1);
  }
  const std::size_t width = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (width > 0)
    if (const auto point = hexadecimal(rest.substr(1), width)) {
      append_utf8(text, *point);
      return rest.remove_prefix(1 + width);
    }
  if (letter >= '0' && letter <= '7') {
    char32_t point = 0;
    for (int i = 0; i < 3 && !rest.empty() && rest.front() >= '0' && rest.front() <= '7'; ++i, rest.remove_prefix(1))
      point = point * 8 + static_cast<char32_t>(rest.front() - '0');
    return append_utf8(text, point);
  }
  text += '\\';
  text += letter;
  rest.remove_prefix(1);
}

}  // namespace

std::string unescaped(std::string_view literal) {
  std::string text;
  text.reserve(literal.size());
  while (!literal.empty()) {
    const std::size_t backslash = std::min(literal.find('\\'), literal.size());
    text += literal.substr(0, backslash);
    literal.remove_prefix(backslash);
    if (literal.size() < 2) return text += literal;
    literal.remove_prefix(1);
    append_escape(text, literal);
  }
  return text;
}

}  // namespace agent::jinja
