#include <algorithm>

#include <agent/sdk/text.hpp>

namespace agent::text {

std::string trimmed(std::string_view text) {
  return std::string(trimmed_view(text));
}

std::string_view trimmed_view(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

Strings lines_of(std::string_view text) {
  Strings lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Strings words_of(std::string_view text) {
  Strings words;
  while (!(text = trimmed_view(text)).empty()) {
    const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_blank) - text.begin());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

Strings split(std::string_view text, char separator) {
  Strings parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string last_line(std::string_view text) {
  text = trimmed_view(text);
  const std::size_t end = text.find_last_of("\r\n");
  return trimmed(end == text.npos ? text : text.substr(end + 1));
}

std::string joined(const Strings& words, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text.append(i > 0 ? between : "").append(words[i]);
  return text;
}

std::string listed(const Strings& names, std::size_t most) {
  if (names.size() <= most) return joined(names);
  const Strings first(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(most));
  return joined(first) + " and " + std::to_string(names.size() - most) + " more";
}

}  // namespace agent::text
