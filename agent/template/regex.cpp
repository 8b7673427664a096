#define PCRE2_CODE_UNIT_WIDTH 8
#include <algorithm>

#include <pcre2.h>

#include <agent/template/compare.hpp>
#include <agent/template/literals.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/regex.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// Where Python and PCRE2 spell the same thing differently.
std::string translated(std::string_view pattern) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      if (next == 'Z' && !in_class) {
        result += "\\z";
      } else if ((next == 'u' || next == 'U') && i + (next == 'u' ? 4 : 8) < pattern.size()) {
        const std::size_t width = next == 'u' ? 4 : 8;
        result += "\\x{" + std::string(pattern.substr(i + 1, width)) + "}";
        i += width;
      } else {
        result += '\\';
        result += next;
      }
    } else if (in_class && c == '[') {
      result += "\\[";  // no [:alpha:] in Python
    } else if (!in_class && c == '$') {
      result += "$";
    } else {
      if (c == '[' && !in_class) {
        in_class = true;
        result += c;
        if (i + 1 < pattern.size() && pattern[i + 1] == '^') result += pattern[++i];
        if (i + 1 < pattern.size() && pattern[i + 1] == ']') result += "\\]", ++i;
        continue;
      }
      if (c == ']') in_class = false;
      result += c;
    }
  }
  return result;
}

constexpr std::uint32_t most_steps = 2'000'000;

}  // namespace

struct Regex::Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_data* data = nullptr;
  pcre2_match_context* context = nullptr;
  ~Compiled() {
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
  }
};

Regex::Regex(std::string_view pattern, RegexFlags flags) : compiled_(std::make_unique<Compiled>()) {
  const std::string text = translated(pattern);
  std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  if (flags.ignore_case) options |= PCRE2_CASELESS;
  if (flags.multi_line) options |= PCRE2_MULTILINE;
  if (flags.dot_all) options |= PCRE2_DOTALL;
  int code = 0;
  PCRE2_SIZE offset = 0;
  compiled_->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &code, &offset, nullptr);
  if (!compiled_->code) {
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(code, message, sizeof message);
    throw Error("'" + std::string(pattern) + "' is no regular expression: " + reinterpret_cast<const char*>(message) +
                ", at character " + std::to_string(offset + 1));
  }
  compiled_->data = pcre2_match_data_create_from_pattern(compiled_->code, nullptr);
  compiled_->context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(compiled_->context, most_steps);
  pcre2_set_heap_limit(compiled_->context, 64 * 1024);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

std::optional<Match> Regex::search(std::string_view text, std::size_t from, bool anchored) const {
  const std::uint32_t options = anchored ? PCRE2_ANCHORED : 0;
  const int count = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, options,
                                compiled_->data, compiled_->context);
  if (count == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (count <= PCRE2_ERROR_UTF8_ERR1 && count >= PCRE2_ERROR_UTF8_ERR21) throw Error("the text to search is no UTF-8");
  if (count < 0) throw Error("the regular expression takes too long on this text");
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(compiled_->data);
  Match match(groups() + 1);
  for (std::size_t i = 0; i < match.size() && i < static_cast<std::size_t>(count); ++i)
    if (ends[2 * i] != PCRE2_UNSET) match[i] = std::pair(ends[2 * i], ends[2 * i + 1]);
  return match;
}

std::vector<Match> Regex::all(std::string_view text, std::size_t limit) const {
  std::vector<Match> matches;
  std::size_t from = 0;
  bool was_empty = false;
  while (from <= text.size() && (limit == 0 || matches.size() < limit)) {
    // An empty match at the place of the last one would go on forever.
    auto found = was_empty ? search_not_empty(text, from) : search(text, from);
    if (!found) break;
    const auto [begin, end] = *found->front();
    was_empty = begin == end;
    from = end;
    matches.push_back(*std::move(found));
  }
  return matches;
}

// As Python since 3.7: an empty match may follow a match, but not another empty one at the same place.
std::optional<Match> Regex::search_not_empty(std::string_view text, std::size_t from) const {
  const int count = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                PCRE2_NOTEMPTY_ATSTART, compiled_->data, compiled_->context);
  if (count == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (count < 0) throw Error("the regular expression takes too long on this text");
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(compiled_->data);
  Match match(groups() + 1);
  for (std::size_t i = 0; i < match.size() && i < static_cast<std::size_t>(count); ++i)
    if (ends[2 * i] != PCRE2_UNSET) match[i] = std::pair(ends[2 * i], ends[2 * i + 1]);
  return match;
}

std::size_t Regex::groups() const {
  std::uint32_t count = 0;
  pcre2_pattern_info(compiled_->code, PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

std::optional<std::size_t> Regex::group(std::string_view name) const {
  const int number =
      pcre2_substring_number_from_name(compiled_->code, reinterpret_cast<PCRE2_SPTR>(std::string(name).c_str()));
  return number < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(number));
}

bool regex_finds(std::string_view pattern, std::string_view text, RegexFlags flags) {
  return Regex(pattern, flags).search(text).has_value();
}

std::string expand(const Regex& regex, const Match& match, std::string_view text, std::string_view replacement) {
  std::string result;
  const auto group = [&](std::size_t number) {
    if (number >= match.size())
      throw Error("the replacement asks for group " + std::to_string(number) + ", and there are " +
                  std::to_string(regex.groups()));
    if (const Span& span = match[number]) result += text.substr(span->first, span->second - span->first);
  };
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\' || i + 1 >= replacement.size()) {
      result += replacement[i];
      continue;
    }
    const char next = replacement[++i];
    if (next == 'g' && i + 1 < replacement.size() && replacement[i + 1] == '<') {
      const std::size_t close = replacement.find('>', i);
      if (close == replacement.npos) throw Error("'\\g<' in the replacement is never closed");
      const std::string name(replacement.substr(i + 2, close - i - 2));
      const auto number = parse_integer(name);
      const auto found = number ? std::optional(static_cast<std::size_t>(*number)) : regex.group(name);
      if (!found) throw Error("the regular expression has no group '" + name + "'");
      group(*found);
      i = close;
    } else if (next >= '1' && next <= '9') {
      std::size_t number = static_cast<std::size_t>(next - '0');
      if (i + 1 < replacement.size() && is_digit(static_cast<unsigned char>(replacement[i + 1])))
        number = number * 10 + static_cast<std::size_t>(replacement[++i] - '0');
      group(number);
    } else if (next == '0') {
      std::string digits = "\\0";
      while (digits.size() < 4 && i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '7')
        digits += replacement[++i];
      result += unescaped(digits);
    } else if (next == '\\') {
      result += '\\';
    } else if (std::string_view("ntrfvab").find(next) != std::string_view::npos) {
      result += unescaped(std::string("\\") + next);
    } else if (is_alpha(static_cast<unsigned char>(next))) {
      throw Error(std::string("'\\") + next + "' in the replacement means nothing");
    } else {
      result += '\\';
      result += next;
    }
  }
  return result;
}

}  // namespace agent::jinja
