#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent {

/// How a pattern is read, as the flags of Python's `re` have it.
struct RegexOptions {
  bool ignore_case = false;
  bool multiline = false;  ///< ^ and $ also at the lines inside
  bool dot_all = false;    ///< . also takes a newline
  bool bytes = false;      ///< the text is bytes: . is one byte, \w is ASCII; otherwise UTF-8
};

/// One match: where each group lies in the text, in bytes. Valid as long as the text it was found in.
class Match {
 public:
  Match(std::string_view text, std::vector<std::optional<std::pair<std::size_t, std::size_t>>> groups,
        std::shared_ptr<const std::vector<std::pair<std::string, std::size_t>>> names)
      : text_(text), groups_(std::move(groups)), names_(std::move(names)) {}

  std::size_t begin() const { return groups_[0]->first; }
  std::size_t end() const { return groups_[0]->second; }
  std::string_view text() const { return text_.substr(begin(), end() - begin()); }
  /// The number of groups, the whole match left out.
  std::size_t groups() const { return groups_.size() - 1; }
  /// Where group `number` lies; nothing when it took no part.
  std::optional<std::pair<std::size_t, std::size_t>> span(std::size_t number) const;
  std::optional<std::string> group(std::size_t number) const;
  std::optional<std::string> group(std::string_view name) const;
  /// `replacement` with \1, \g<name>, \n, ... put in, as Python's `Match.expand`. Throws `Error` for a group that there
  /// is not or a bad escape.
  std::string expanded(std::string_view replacement) const;

 private:
  std::string_view text_;
  std::vector<std::optional<std::pair<std::size_t, std::size_t>>> groups_;
  std::shared_ptr<const std::vector<std::pair<std::string, std::size_t>>> names_;
};

/// A regular expression with the syntax and the meaning of Python's `re`. The door to PCRE2.
class Regex {
 public:
  /// Throws `Error` that names the pattern, the position and what is wrong there.
  explicit Regex(std::string_view pattern, RegexOptions options = {});

  /// The first match at or behind byte `from`. Throws `Error` when the pattern takes more than ten million steps.
  std::optional<Match> search(std::string_view text, std::size_t from = 0) const;
  /// A match at the very start; `full`: of the whole text.
  std::optional<Match> match(std::string_view text, bool full = false) const;
  /// All matches that do not overlap, empty ones included, as Python's `finditer`.
  std::vector<Match> all(std::string_view text) const;
  /// The text with matches replaced (`most` of them; 0: all), and how many were.
  std::pair<std::string, std::size_t> replaced(std::string_view text, std::string_view replacement,
                                               std::size_t most = 0) const;

  std::size_t groups() const;
  /// The names of groups and their numbers, in order of number.
  const std::vector<std::pair<std::string, std::size_t>>& names() const { return *names_; }
  /// The pattern says so itself: "(?m)".
  bool is_multiline() const;

 private:
  std::optional<Match> run(std::string_view text, std::size_t from, unsigned flags) const;

  std::string pattern_;
  std::shared_ptr<void> code_;  // shared by copies; PCRE2's type stays in the .cpp
  std::shared_ptr<const std::vector<std::pair<std::string, std::size_t>>> names_;
};

/// `text` as a pattern that matches just it, as Python's `re.escape` writes it.
std::string regex_escaped(std::string_view text);

}  // namespace agent
