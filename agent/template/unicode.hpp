#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text as Python sees it: a row of code points. Bytes that are not UTF-8 count as one character each.
namespace agent::jinja {

using CodePoints = std::u32string;

CodePoints code_points(std::string_view text);
std::string utf8(std::u32string_view points);
void append_utf8(std::string& text, char32_t point);

/// How many characters `text` has.
std::size_t character_count(std::string_view text);
/// The byte at which character `index` begins (the size of the text when there are fewer).
std::size_t byte_of_character(std::string_view text, std::size_t index);

bool is_ascii(std::string_view text);
std::string upper(std::string_view text);
std::string lower(std::string_view text);
/// First character upper, the rest lower.
std::string capitalize(std::string_view text);

bool is_space(char32_t point);
bool is_alpha(char32_t point);
bool is_digit(char32_t point);
bool is_printable(char32_t point);
char32_t to_upper(char32_t point);
char32_t to_lower(char32_t point);

/// Without the white space (or, if given, the characters of `characters`) at the ends.
std::string strip(std::string_view text, bool left = true, bool right = true);
std::string strip(std::string_view text, std::string_view characters, bool left = true, bool right = true);

/// Python's str.split(): at white space, or at `separator`; at most `limit` cuts when it is not negative.
std::vector<std::string> split(std::string_view text, long limit = -1);
std::vector<std::string> split(std::string_view text, std::string_view separator, long limit = -1);
/// Python's str.splitlines().
std::vector<std::string> split_lines(std::string_view text, bool keep_ends = false);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to, long limit = -1);

}  // namespace agent::jinja
