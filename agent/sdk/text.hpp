#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

/// What is done to text everywhere, by bytes, with ASCII's idea of blanks and letters: for what files and programs say.
/// What a playbook does to text goes by characters: agent/template/unicode.hpp.
namespace agent::text {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// Space, tab, and whatever ends a line or page.
constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Without blanks at both ends.
std::string trimmed(std::string_view text);
/// The same as a part of `text`, which must live on.
std::string_view trimmed_view(std::string_view text);
/// Capital letters made small.
std::string lower(std::string_view text);

/// The lines, without the "\n" that ends them; no empty one behind the last end.
Strings lines_of(std::string_view text);
/// What stands between blanks.
Strings words_of(std::string_view text);
/// What stands between the separators, empty parts too: one more than there are separators.
Strings split(std::string_view text, char separator);
constexpr bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}
/// The last line that is not blank, trimmed; empty when there is none.
std::string last_line(std::string_view text);

std::string joined(const Strings& words, std::string_view between = ", ");
/// "a, b and 3 more": at most `most` of them by name.
std::string listed(const Strings& names, std::size_t most = 8);

}  // namespace agent::text
