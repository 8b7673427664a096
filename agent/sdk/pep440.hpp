#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace agent::pep440 {

/// A version of a Python distribution, as PEP 440 orders them: "1!2.0rc1.post2.dev3+cu121".
class Version {
 public:
  /// Nothing when `text` is no version. White space around it, a leading "v" and other spellings ("1.0-alpha") are
  /// fine.
  static std::optional<Version> parse(std::string_view text);

  /// The normal spelling: "1.0a1".
  std::string text() const;
  /// Without the local label: 1.7.1+cu110 -> 1.7.1.
  Version without_local() const;
  const std::string& local() const { return local_; }
  bool is_prerelease() const { return pre_ || dev_; }
  bool is_postrelease() const { return post_.has_value(); }
  std::uint64_t epoch() const { return epoch_; }
  const std::vector<std::uint64_t>& release() const { return release_; }
  /// The version that this one is a post-release of, and the earliest pre-release of this one: what PEP 440 compares
  /// with for ">" and "<".
  Version post_base() const;
  Version earliest_prerelease() const;

  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return std::is_eq(a <=> b); }

 private:
  friend class Reader;
  struct Pre {
    char phase;  ///< 'a', 'b' or 'r' (rc)
    std::uint64_t number;
  };
  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> release_;
  std::optional<Pre> pre_;
  std::optional<std::uint64_t> post_, dev_;
  std::string local_;  ///< lower case, parts joined by dots; empty: none
};

/// One clause, such as ">=1.2", "==2.5.*", "~=1.4.2" or "===1.0+weird".
class Specifier {
 public:
  static std::optional<Specifier> parse(std::string_view text);
  /// Whether an installed version is allowed. Pre-releases are, when the numbers allow them: they are there already.
  bool contains(std::string_view version) const;
  bool contains(const Version& version) const { return contains(version, version.text()); }
  const std::string& comparison() const { return comparison_; }
  const std::string& version() const { return version_; }
  std::string text() const { return comparison_ + version_; }

 private:
  bool contains(const Version& version, std::string_view text) const;
  bool has_prefix(const Version& version, std::size_t parts) const;
  std::string comparison_;
  std::string version_;           ///< as written
  std::optional<Version> bound_;  ///< none for "==="
  bool wildcard_ = false;
};

/// Clauses joined by commas; all of them must hold. An empty set allows everything.
class SpecifierSet {
 public:
  static std::optional<SpecifierSet> parse(std::string_view text);
  bool contains(std::string_view version) const;
  bool contains(const Version& version) const;
  /// Whether a clause names a pre-release, which asks for pre-releases to be offered.
  bool asks_for_prereleases() const;
  bool empty() const { return clauses_.empty(); }
  const std::vector<Specifier>& clauses() const { return clauses_; }
  /// "<2,>=1.2", in the order that they were written.
  std::string text() const;
  void add(const SpecifierSet& other);

 private:
  std::vector<Specifier> clauses_;
};

/// The newest of `versions` that `allowed` contains; a pre-release only when asked for, or when there is nothing else.
std::optional<std::string> newest(const std::vector<std::string>& versions, const SpecifierSet& allowed,
                                  bool prereleases = false);

}  // namespace agent::pep440
