#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

/// Regular expressions with Python's syntax and meaning. The engine's door to PCRE2.
namespace agent::jinja {

struct RegexFlags {
  bool ignore_case = false, multi_line = false, dot_all = false;
};

/// Where a group matched, in bytes; nothing for a group that took no part.
using Span = std::optional<std::pair<std::size_t, std::size_t>>;
using Match = std::vector<Span>;

class Regex {
 public:
  /// Throws Error that says what is wrong with the pattern, and where in it.
  explicit Regex(std::string_view pattern, RegexFlags flags = {});
  ~Regex();
  Regex(Regex&&) noexcept;

  /// Whole match first, then the groups. Throws Error when the search takes too long.
  std::optional<Match> search(std::string_view text, std::size_t from = 0, bool anchored = false) const;
  /// Every match, as re.finditer gives them.
  std::vector<Match> all(std::string_view text, std::size_t limit = 0) const;
  std::size_t groups() const;
  std::optional<std::size_t> group(std::string_view name) const;

 private:
  std::optional<Match> search_not_empty(std::string_view text, std::size_t from) const;
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

/// Whether `pattern` is found somewhere in `text`.
bool regex_finds(std::string_view pattern, std::string_view text, RegexFlags flags = {});
/// Python's expansion of "\1", "\g<1>", "\g<name>", "\n" in a replacement.
std::string expand(const Regex& regex, const Match& match, std::string_view text, std::string_view replacement);

}  // namespace agent::jinja
