#include <algorithm>
#include <cstdint>

#include <agent/sdk/regex.hpp>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <agent/sdk/error.hpp>
#include <agent/sdk/regex_syntax.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

constexpr std::uint32_t most_steps = 10'000'000, most_heap_kib = 64 * 1024;

using Names = std::vector<std::pair<std::string, std::size_t>>;

std::string message_of(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

PCRE2_SPTR bytes(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
}

pcre2_code* code_of(const std::shared_ptr<void>& code) {
  return static_cast<pcre2_code*>(code.get());
}

std::shared_ptr<void> compiled(std::string_view pattern, const RegexOptions& options) {
  const std::string translated = pcre_from_python(pattern);
  std::uint32_t flags = PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_CIRCUMFLEX;  // ^ also behind the last newline
  if (!options.bytes) flags |= PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
  if (options.ignore_case) flags |= PCRE2_CASELESS;
  if (options.multiline) flags |= PCRE2_MULTILINE;
  if (options.dot_all) flags |= PCRE2_DOTALL;
  const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_parens_nest_limit(context.get(), 200);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(bytes(translated), translated.size(), flags, &error, &offset, context.get());
  if (code == nullptr)
    throw Error("the pattern '" + std::string(pattern) + "' is wrong at character " +
                std::to_string(std::min<std::size_t>(offset + 1, pattern.size())) + ": " + message_of(error));
  return {code, [](void* held) { pcre2_code_free(static_cast<pcre2_code*>(held)); }};
}

std::shared_ptr<const Names> names_of(const pcre2_code* code) {
  std::uint32_t count = 0, size = 0;
  PCRE2_SPTR table = nullptr;
  pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
  Names names;
  for (std::uint32_t i = 0; i < count; ++i, table += size)
    names.emplace_back(reinterpret_cast<const char*>(table + 2), static_cast<std::size_t>(table[0]) << 8U | table[1]);
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return std::make_shared<const Names>(std::move(names));
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// A replacement text on its way to being filled in.
class Template {
 public:
  Template(const Match& match, const Names& names, std::string_view text) : match_(match), names_(names), text_(text) {}

  std::string filled() {
    while (i_ < text_.size()) {
      if (text_[i_] == '\\')
        escape();
      else
        result_ += text_[i_++];
    }
    return std::move(result_);
  }

 private:
  char at(std::size_t ahead) const { return i_ + ahead < text_.size() ? text_[i_ + ahead] : '\0'; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("the replacement '" + std::string(text_) + "' is wrong at character " + std::to_string(i_ + 1) + ": " +
                what);
  }

  void put_group(std::size_t number) {
    if (number > match_.groups()) fail("the pattern has no group " + std::to_string(number));
    result_ += match_.group(number).value_or("");
  }

  void escape() {
    const char c = at(1);
    if (i_ + 1 >= text_.size()) fail("a backslash at the end");
    if (c == 'g') return named();
    if (text::is_digit(c)) return number();
    static constexpr std::string_view letters = "abfnrtv\\", meanings = "\a\b\f\n\r\t\v\\";
    const auto known = letters.find(c);
    if (known != std::string_view::npos) {
      result_ += meanings[known];
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      fail(std::string("bad escape \\") + c);
    } else {
      result_ += text_.substr(i_, 2);
    }
    i_ += 2;
  }

  // \0 and three octal digits are a character, else one or two digits are a group.
  void number() {
    std::size_t count = 1;
    if (at(1) == '0' || (is_octal(at(1)) && is_octal(at(2)) && is_octal(at(3)))) {
      unsigned code = 0;
      for (; count < 4 && is_octal(at(count)); ++count) code = code * 8 + static_cast<unsigned>(at(count) - '0');
      if (code > 0377) fail("an octal escape is above \\377");
      result_ += static_cast<char>(code);
    } else {
      std::size_t group = 0;
      for (; count < 3 && text::is_digit(at(count)); ++count)
        group = group * 10 + static_cast<std::size_t>(at(count) - '0');
      put_group(group);
    }
    i_ += count;
  }

  void named() {
    const std::size_t close = text_.find('>', i_);
    if (at(2) != '<' || close == std::string_view::npos || close == i_ + 3)
      fail("'\\g' needs a group: '\\g<1>' or '\\g<name>'");
    const std::string name(text_.substr(i_ + 3, close - i_ - 3));
    if (std::all_of(name.begin(), name.end(), text::is_digit) && name.size() < 6) {
      put_group(std::stoul(name));
    } else {
      const auto found =
          std::find_if(names_.begin(), names_.end(), [&](const auto& known) { return known.first == name; });
      if (found == names_.end()) fail("the pattern has no group '" + name + "'");
      put_group(found->second);
    }
    i_ = close + 1;
  }

  const Match& match_;
  const Names& names_;
  std::string_view text_;
  std::size_t i_ = 0;
  std::string result_;
};

}  // namespace

std::optional<std::pair<std::size_t, std::size_t>> Match::span(std::size_t number) const {
  return number < groups_.size() ? groups_[number] : std::nullopt;
}

std::optional<std::string> Match::group(std::size_t number) const {
  const auto where = span(number);
  return where ? std::optional(std::string(text_.substr(where->first, where->second - where->first))) : std::nullopt;
}

std::optional<std::string> Match::group(std::string_view name) const {
  for (const auto& [known, number] : *names_)
    if (known == name) return group(number);
  return std::nullopt;
}

std::string Match::expanded(std::string_view replacement) const {
  return Template(*this, *names_, replacement).filled();
}

Regex::Regex(std::string_view pattern, RegexOptions options)
    : pattern_(pattern), code_(compiled(pattern, options)), names_(names_of(code_of(code_))) {}

std::optional<Match> Regex::run(std::string_view text, std::size_t from, unsigned flags) const {
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code_of(code_), nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(context.get(), most_steps);
  pcre2_set_heap_limit(context.get(), most_heap_kib);
  const int count = pcre2_match(code_of(code_), bytes(text), text.size(), from, flags, data.get(), context.get());
  if (count == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (count < 0)
    throw Error("the pattern '" + pattern_ + "' cannot be matched: " + message_of(count))
        .hint("nested repetitions such as '(a+)+' take very long; make the pattern say more exactly what it looks for");
  std::vector<std::optional<std::pair<std::size_t, std::size_t>>> found(groups() + 1);
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data.get());
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    if (offsets[2 * i] != PCRE2_UNSET) found[i] = {offsets[2 * i], offsets[2 * i + 1]};
  return Match(text, std::move(found), names_);
}

std::optional<Match> Regex::search(std::string_view text, std::size_t from) const {
  return run(text, from, 0);
}

std::optional<Match> Regex::match(std::string_view text, bool full) const {
  return run(text, 0, PCRE2_ANCHORED | (full ? PCRE2_ENDANCHORED : 0));
}

std::vector<Match> Regex::all(std::string_view text) const {
  std::vector<Match> matches;
  unsigned flags = 0;
  for (std::size_t from = 0; from <= text.size();) {
    auto found = run(text, from, flags);
    if (!found) break;
    from = found->end();
    // Behind an empty match, at its very place, only one that is not empty may follow.
    flags = found->begin() == found->end() ? PCRE2_NOTEMPTY_ATSTART : 0;
    matches.push_back(std::move(*found));
  }
  return matches;
}

std::pair<std::string, std::size_t> Regex::replaced(std::string_view text, std::string_view replacement,
                                                    std::size_t most) const {
  // A mistake in the replacement is one also where nothing matches.
  static_cast<void>(Match("", std::vector<std::optional<std::pair<std::size_t, std::size_t>>>(groups() + 1), names_)
                        .expanded(replacement));
  std::string result;
  std::size_t done = 0, count = 0;
  for (const Match& match : all(text)) {
    if (most != 0 && count == most) break;
    result += text.substr(done, match.begin() - done);
    result += match.expanded(replacement);
    done = match.end();
    ++count;
  }
  result += text.substr(done);
  return {std::move(result), count};
}

std::size_t Regex::groups() const {
  std::uint32_t count = 0;
  pcre2_pattern_info(code_of(code_), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

bool Regex::is_multiline() const {
  if (pattern_.rfind("(?", 0) != 0) return false;
  const std::size_t end = pattern_.find_first_not_of("aiLmsux", 2);
  return end != std::string::npos && pattern_[end] == ')' && pattern_.substr(2, end - 2).find('m') != std::string::npos;
}

std::string regex_escaped(std::string_view text) {
  constexpr std::string_view special = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace agent
