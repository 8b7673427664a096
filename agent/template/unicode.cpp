#include <clocale>
#include <cwctype>

#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// The C library's character tables, whatever locale the process runs in.
locale_t unicode_locale() {
  static const locale_t found = [] {
    locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (!made) made = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", nullptr);
    if (!made) made = newlocale(LC_CTYPE_MASK, "C", nullptr);
    return made;
  }();
  return found;
}

// Length of the well-formed sequence at the start of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

// Bytes that are no UTF-8 are kept as Python's surrogateescape does, so that they come back as they were.
constexpr char32_t escaped_byte = 0xdc00;

char32_t next(std::string_view& text) {
  const std::size_t length = sequence_length(text);
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  char32_t point = 0;
  if (length == 0) {
    point = escaped_byte + byte(0);
    text.remove_prefix(1);
    return point;
  }
  if (length == 1) point = byte(0);
  if (length == 2) point = (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
  if (length == 3) point = (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  if (length == 4) point = (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  text.remove_prefix(length);
  return point;
}

std::string case_mapped(std::string_view text, bool to_upper_case) {
  std::string mapped;
  mapped.reserve(text.size());
  while (!text.empty()) {
    const char32_t point = next(text);
    if (to_upper_case && point == 0xdf)
      mapped += "SS";
    else
      append_utf8(mapped, to_upper_case ? to_upper(point) : to_lower(point));
  }
  return mapped;
}

bool is_line_end(char32_t point) {
  return point == '\n' || point == '\r' || point == 0x0b || point == 0x0c || (point >= 0x1c && point <= 0x1e) ||
         point == 0x85 || point == 0x2028 || point == 0x2029;
}

template <class Strips>
std::string stripped(std::string_view text, bool left, bool right, Strips strips) {
  const CodePoints points = code_points(text);
  std::size_t begin = 0, end = points.size();
  while (left && begin < end && strips(points[begin])) ++begin;
  while (right && end > begin && strips(points[end - 1])) --end;
  return utf8(std::u32string_view(points).substr(begin, end - begin));
}

}  // namespace

CodePoints code_points(std::string_view text) {
  CodePoints points;
  points.reserve(text.size());
  while (!text.empty()) points.push_back(next(text));
  return points;
}

void append_utf8(std::string& text, char32_t point) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point >= escaped_byte + 0x80 && point <= escaped_byte + 0xff) return put(point - escaped_byte);
  if (point < 0x800) return put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
  if (point < 0x10000) return put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
  put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f)), put(0x80 | (point >> 6 & 0x3f)),
      put(0x80 | (point & 0x3f));
}

std::string utf8(std::u32string_view points) {
  std::string text;
  text.reserve(points.size());
  for (const char32_t point : points) append_utf8(text, point);
  return text;
}

std::size_t character_count(std::string_view text) {
  if (is_ascii(text)) return text.size();
  std::size_t count = 0;
  for (; !text.empty(); ++count) next(text);
  return count;
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  std::string_view rest = text;
  for (; index > 0 && !rest.empty(); --index) next(rest);
  return text.size() - rest.size();
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

std::string upper(std::string_view text) {
  return case_mapped(text, true);
}

std::string lower(std::string_view text) {
  return case_mapped(text, false);
}

std::string capitalize(std::string_view text) {
  const std::size_t first = byte_of_character(text, 1);
  return upper(text.substr(0, first)) + lower(text.substr(first));
}

bool is_space(char32_t point) {
  return (point >= 0x09 && point <= 0x0d) || (point >= 0x1c && point <= 0x20) || point == 0x85 || point == 0xa0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 ||
         point == 0x202f || point == 0x205f || point == 0x3000;
}

bool is_alpha(char32_t point) {
  return iswalpha_l(static_cast<wint_t>(point), unicode_locale()) != 0 && !is_digit(point);
}

bool is_digit(char32_t point) {
  return point >= '0' && point <= '9';
}

bool is_printable(char32_t point) {
  if (point < 0x7f) return point >= 0x20;
  if (point >= 0xd800 && point <= 0xdfff) return false;
  return point != 0xad && point != 0x3000 && !(is_space(point)) &&
         iswprint_l(static_cast<wint_t>(point), unicode_locale()) != 0;
}

char32_t to_upper(char32_t point) {
  if (point < 0x80) return point >= 'a' && point <= 'z' ? point - 32 : point;
  return static_cast<char32_t>(towupper_l(static_cast<wint_t>(point), unicode_locale()));
}

char32_t to_lower(char32_t point) {
  if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
  return static_cast<char32_t>(towlower_l(static_cast<wint_t>(point), unicode_locale()));
}

std::string strip(std::string_view text, bool left, bool right) {
  return stripped(text, left, right, is_space);
}

std::string strip(std::string_view text, std::string_view characters, bool left, bool right) {
  const CodePoints set = code_points(characters);
  return stripped(text, left, right, [&](char32_t point) { return set.find(point) != CodePoints::npos; });
}

std::vector<std::string> split(std::string_view text, long limit) {
  std::vector<std::string> words;
  const CodePoints points = code_points(text);
  const std::u32string_view all = points;
  std::size_t i = 0;
  while (true) {
    while (i < all.size() && is_space(all[i])) ++i;
    if (i == all.size()) return words;
    if (limit >= 0 && words.size() == static_cast<std::size_t>(limit)) {
      std::size_t end = all.size();
      while (end > i && is_space(all[end - 1])) --end;
      words.push_back(utf8(all.substr(i, end - i)));
      return words;
    }
    std::size_t end = i;
    while (end < all.size() && !is_space(all[end])) ++end;
    words.push_back(utf8(all.substr(i, end - i)));
    i = end;
  }
}

std::vector<std::string> split(std::string_view text, std::string_view separator, long limit) {
  std::vector<std::string> parts;
  while (limit < 0 || parts.size() < static_cast<std::size_t>(limit)) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

std::vector<std::string> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string> lines;
  std::string line;
  bool open = false;
  while (!text.empty()) {
    const char32_t point = next(text);
    open = true;
    if (!is_line_end(point)) {
      append_utf8(line, point);
      continue;
    }
    if (keep_ends) append_utf8(line, point);
    if (point == '\r' && !text.empty() && text.front() == '\n') {
      if (keep_ends) line += '\n';
      text.remove_prefix(1);
    }
    lines.push_back(std::move(line));
    line.clear();
    open = false;
  }
  if (open) lines.push_back(std::move(line));
  return lines;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to, long limit) {
  std::string result;
  if (from.empty()) {  // between all characters, as in Python
    bool more = limit != 0;
    while (!text.empty()) {
      if (more) result += to;
      more = more && (limit < 0 || --limit > 0);
      append_utf8(result, next(text));
    }
    if (more) result += to;
    return result;
  }
  while (limit != 0) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos) break;
    result.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
    if (limit > 0) --limit;
  }
  return result.append(text);
}

}  // namespace agent::jinja
