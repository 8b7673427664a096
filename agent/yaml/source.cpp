#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <agent/sdk/error.hpp>
#include <agent/yaml/source.hpp>

namespace agent::yaml {
namespace {

/// How many bytes the UTF-8 character at `at` has, with its code point; 0 when the bytes are not UTF-8.
std::size_t decode(std::string_view text, std::size_t at, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  code = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? 0 : length;
}

/// Past `!unsafe`, `&anchor` and what separates them from the text.
std::size_t skip_properties(std::string_view source, std::size_t at) {
  while (at < source.size() && (source[at] == '!' || source[at] == '&')) {
    at = std::min(source.find_first_of(" \t\r\n", at), source.size());
    at = std::min(source.find_first_not_of(" \t\r\n", at), source.size());
  }
  return at;
}

std::size_t leading_spaces(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// YAML's printable characters; control characters in a playbook are a mistake or an attack on the terminal.
bool is_printable(std::uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0x7F || code == 0x85 || (code >= 0xA0 && code != 0xFFFE && code != 0xFFFF);
}

}  // namespace

Source::Source(std::string_view text, std::shared_ptr<const std::string> file) : text_(text), file_(std::move(file)) {
  starts_.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  starts_.push_back(0);
  for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
    starts_.push_back(static_cast<std::uint32_t>(i + 1));
  check(text);
}

void Source::check(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++i;
      continue;
    }
    std::uint32_t code = 0;
    const std::size_t length = decode(text, i, code);
    if (length == 0) {
      char found[8];
      std::snprintf(found, sizeof found, "0x%02X", byte);
      throw Error("byte " + std::string(found) + " is not UTF-8").at(place(i)).hint("save the file as UTF-8");
    }
    if (!is_printable(code)) {
      char found[16];
      std::snprintf(found, sizeof found, "U+%04X", static_cast<unsigned>(code));
      throw Error("control character " + std::string(found) + " is not allowed")
          .at(place(i))
          .hint("inside double quotes it can be written as an escape: \"\\x1b\"");
    }
    if (length > 1) ascii_ = false;
    i += length;
  }
}

void Source::limit_lines(std::size_t most) const {
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : text_.size();
    if (end - starts_[i] > most)
      throw Error("the line has " + std::to_string(end - starts_[i]) + " bytes, more than the limit of " +
                  std::to_string(most))
          .at({file_, static_cast<int>(i) + 1, 1});
  }
}

std::string_view Source::line(std::size_t index) const {
  if (index >= starts_.size()) return {};
  const std::size_t begin = starts_[index];
  std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return text_.substr(begin, end - begin);
}

Where Source::place(int line_index, int byte_column) const {
  if (line_index < 0) return {file_, 1, 1};
  const auto index = std::min(static_cast<std::size_t>(line_index), starts_.size() - 1);
  int column = std::max(byte_column, 0);
  if (!ascii_) {
    const std::string_view before = line(index).substr(0, static_cast<std::size_t>(column));
    column -= static_cast<int>(std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) == 0x80; }));
  }
  return {file_, static_cast<int>(index) + 1, column + 1};
}

Where Source::place(std::size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto index = static_cast<std::size_t>(next - starts_.begin()) - 1;
  // During the check `ascii_` may not be known yet: count here, whatever it says.
  const std::string_view before = text_.substr(starts_[index], offset - starts_[index]);
  const auto inner = std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) == 0x80; });
  return {file_, static_cast<int>(index) + 1, static_cast<int>(before.size()) - static_cast<int>(inner) + 1};
}

Where Source::content(int line_index, int byte_column, std::string_view value) const {
  const auto first = std::min(static_cast<std::size_t>(std::max(line_index, 0)), starts_.size() - 1);
  const std::size_t mark = std::min(starts_[first] + static_cast<std::size_t>(std::max(byte_column, 0)), text_.size());
  const std::size_t at = skip_properties(text_, mark);
  const char style = at < text_.size() ? text_[at] : '\0';
  if (style == '"' || style == '\'') return at == mark ? place(line_index, byte_column + 1) : place(at + 1);
  if ((style != '|' && style != '>') || value.empty())
    return at == mark || at == text_.size() ? place(line_index, byte_column) : place(at);
  const auto header =
      static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), at) - starts_.begin()) - 1;
  // The indentation shows in the first line that is not blank; what the value keeps of it belongs to the text.
  for (std::size_t next = header + 1, begin = 0; next < starts_.size(); ++next) {
    const std::string_view source_line = line(next), value_line = value.substr(begin, value.find('\n', begin) - begin);
    if (leading_spaces(source_line) < source_line.size()) {
      const std::size_t kept = std::min(leading_spaces(value_line), leading_spaces(source_line));
      return place(static_cast<int>(header) + 1, static_cast<int>(leading_spaces(source_line) - kept));
    }
    begin = std::min(begin + value_line.size() + 1, value.size());
  }
  return place(at);
}

}  // namespace agent::yaml
