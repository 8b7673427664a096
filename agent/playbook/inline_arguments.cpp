#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <agent/playbook/inline_arguments.hpp>
#include <agent/playbook/module_names.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent {
namespace {

struct Word {
  std::size_t begin = 0, end = 0;
};

/// Past the quoted text, or the `{{ }}`, that begins at `at`; `at` itself when none does. npos: it is never closed.
std::size_t skip_group(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '"' || c == '\'') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == c)
        return i + 1;
    }
    return text.npos;
  }
  const std::string_view open = text.substr(at, 2);
  const std::string_view close = open == "{{" ? "}}" : open == "{%" ? "%}" : open == "{#" ? "#}" : "";
  if (close.empty()) return at;
  const std::size_t end = text.find(close, at + 2);
  return end == text.npos ? text.npos : end + 2;
}

/// The words of `text`; a group that is never closed reaches to the end and is reported through `open`.
std::vector<Word> words(std::string_view text, std::optional<std::size_t>& open) {
  std::vector<Word> all;
  for (std::size_t at = 0; at < text.size();) {
    if (text::is_blank(text[at])) {
      ++at;
      continue;
    }
    Word word{at, at};
    while (at < text.size() && !text::is_blank(text[at])) {
      if (text[at] == '\\') {
        at = std::min(at + 2, text.size());
        continue;
      }
      std::size_t next = skip_group(text, at);
      if (next == text.npos) {
        open = at;
        next = text.size();
      }
      at = next == at ? at + 1 : next;
    }
    word.end = at;
    all.push_back(word);
  }
  return all;
}

/// The name in front of the first '=', when the word is an option.
std::optional<std::string_view> option_name(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == word.npos || equals == 0) return {};
  const std::string_view name = word.substr(0, equals);
  const auto fits = [](char c) {
    return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  };
  return std::all_of(name.begin(), name.end(), fits) ? std::optional(name) : std::nullopt;
}

bool is_command_option(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names = {
      "creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view unquoted(std::string_view text) {
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') || text.back() != text.front()) return text;
  return text.substr(1, text.size() - 2);
}

/// Backslash escapes in an option's value, as in "line=a\tb".
std::string unescaped(std::string_view text) {
  static constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t found = text[i] == '\\' && i + 1 < text.size() ? letters.find(text[i + 1]) : letters.npos;
    result += found == letters.npos ? text[i] : meanings[found];
    if (found != letters.npos) ++i;
  }
  return result;
}

Value part_of(const Value& whole, std::string text, Where where) {
  return whole.is_template() ? Value::template_text(std::move(text), std::move(where))
                             : Value(std::move(text)).at(std::move(where));
}

}  // namespace

InlineArguments parse_inline(const Value& value, std::string_view module) {
  const std::string& text = value.string();
  const bool is_command = takes_command_line(module);
  const auto place = [&](std::size_t offset) { return yaml::place_inside(value.where(), text, offset); };
  InlineArguments result;
  std::optional<std::size_t> open;
  const std::vector<Word> all = words(text, open);
  // A shell decides about quotes in its own way; elsewhere an open one hides what follows.
  if (open && !is_command)
    throw Error(text[*open] == '{' ? "this '" + text.substr(*open, 2) + "' is never closed"
                                   : "this quote is never closed")
        .at(place(*open));
  std::size_t rest_begin = text.npos, rest_end = 0;
  std::string rest;
  for (const Word& word : all) {
    const std::string_view written = std::string_view(text).substr(word.begin, word.end - word.begin);
    const auto name = option_name(written);
    if (name && (!is_command || is_command_option(*name))) {
      const std::size_t begin = word.begin + name->size() + 1;
      result.options.set(*name, part_of(value, unescaped(unquoted(written.substr(name->size() + 1))), place(begin)));
      continue;
    }
    // The blanks between two words of the rest stay as they are, unless an option stood there.
    if (rest_begin == text.npos)
      rest_begin = word.begin;
    else if (text.find_first_not_of(" \t\r\n", rest_end) == word.begin)
      rest.append(text, rest_end, word.begin - rest_end);
    else
      rest += ' ';
    rest.append(written);
    rest_end = word.end;
  }
  // A script keeps the end of its last line, as the reference does.
  if (is_command && rest_begin != text.npos && !all.empty() && rest_end == all.back().end)
    if (text.find_first_not_of('\n', rest_end) == text.npos) rest.append(text, rest_end);
  if (rest_begin != text.npos) result.rest = part_of(value, std::move(rest), place(rest_begin));
  return result;
}

}  // namespace agent
