#include <algorithm>

#include <agent/template/text_wrap.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

using View = std::u32string_view;

bool is_blank(char32_t point) {
  return View(U"\t\n\v\f\r ").find(point) != View::npos;
}
bool is_word(char32_t point) {
  return is_alpha(point) || is_digit(point) || point == '_';
}
bool is_letter(char32_t point) {
  return is_word(point) && !is_digit(point);
}

// One past the first place after `from` where a word may be cut behind a hyphen, or the end of the word.
std::size_t hyphen_end(View word, std::size_t from) {
  for (std::size_t i = std::max<std::size_t>(from, 1); i + 1 < word.size(); ++i) {
    if (word[i] != '-') continue;
    const bool letters_before = i >= from + 2 ? is_letter(word[i - 1]) && is_letter(word[i - 2]) : false;
    const bool letter_behind =
        is_letter(word[i + 1]) && i + 2 < word.size() && (is_letter(word[i + 2]) || word[i + 2] == '-');
    if (letters_before && letter_behind) return i + 1;
  }
  return word.size();
}

// How much of a word that is too long goes on this line: up to its last hyphen that fits, if it has one.
std::size_t room_in(View word, std::size_t room, bool break_on_hyphens) {
  if (!break_on_hyphens || room == 0) return room;
  const std::size_t hyphen = word.substr(0, room).rfind('-');
  if (hyphen == View::npos || word.find_first_not_of('-') >= hyphen) return room;
  return hyphen + 1;
}

// Words and the blanks between them, in order.
std::vector<View> chunks_of(View text, bool break_on_hyphens) {
  std::vector<View> chunks;
  for (std::size_t i = 0; i < text.size();) {
    const bool blank = is_blank(text[i]);
    std::size_t end = i;
    while (end < text.size() && is_blank(text[end]) == blank) ++end;
    if (blank || !break_on_hyphens) {
      chunks.push_back(text.substr(i, end - i));
    } else {
      const View word = text.substr(i, end - i);
      for (std::size_t from = 0; from < word.size();) {
        const std::size_t cut = hyphen_end(word, from);
        chunks.push_back(word.substr(from, cut - from));
        from = cut;
      }
    }
    i = end;
  }
  return chunks;
}

}  // namespace

std::vector<std::string> wrap(std::string_view line, const WrapOptions& options) {
  // Tabs are not opened: Jinja asks textwrap not to.
  const CodePoints points = code_points(line);
  std::vector<View> chunks = chunks_of(points, options.break_on_hyphens);
  std::reverse(chunks.begin(), chunks.end());
  const auto all_blank = [](View chunk) { return std::all_of(chunk.begin(), chunk.end(), is_blank); };
  std::vector<std::string> lines;
  while (!chunks.empty()) {
    std::vector<View> current;
    std::size_t size = 0;
    if (!lines.empty() && all_blank(chunks.back())) chunks.pop_back();
    while (!chunks.empty() && size + chunks.back().size() <= options.width) {
      size += chunks.back().size();
      current.push_back(chunks.back());
      chunks.pop_back();
    }
    if (!chunks.empty() && chunks.back().size() > options.width) {
      if (options.break_long_words) {
        const std::size_t room = room_in(chunks.back(), options.width - size, options.break_on_hyphens);
        // Even where there is no room, as textwrap does: the blank before it then stays.
        current.push_back(chunks.back().substr(0, room));
        chunks.back().remove_prefix(room);
      } else if (current.empty()) {
        current.push_back(chunks.back());
        chunks.pop_back();
      }
    }
    if (!current.empty() && all_blank(current.back())) current.pop_back();
    if (current.empty()) continue;
    std::string text;
    for (const View chunk : current) text += utf8(chunk);
    lines.push_back(std::move(text));
  }
  return lines;
}

}  // namespace agent::jinja
