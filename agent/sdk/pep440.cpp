#include <algorithm>
#include <charconv>
#include <limits>

#include <agent/sdk/pep440.hpp>
#include <agent/sdk/text.hpp>

namespace agent::pep440 {

namespace {

constexpr bool is_alnum(char c) {
  return text::is_digit(c) || (c >= 'a' && c <= 'z');
}
constexpr bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Of a local label: numbers are above words, and compare as numbers.
std::strong_ordering compare_part(std::string_view a, std::string_view b) {
  const auto x = number_in(a), y = number_in(b);
  if (x && y) return *x <=> *y;
  if (x.has_value() != y.has_value()) return x.has_value() <=> y.has_value();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_local(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return !a.empty() <=> !b.empty();
  for (;;) {
    const auto x = a.substr(0, a.find('.')), y = b.substr(0, b.find('.'));
    if (const auto order = compare_part(x, y); order != 0) return order;
    const bool more_a = x.size() < a.size(), more_b = y.size() < b.size();
    if (!more_a || !more_b) return more_a <=> more_b;
    a.remove_prefix(x.size() + 1);
    b.remove_prefix(y.size() + 1);
  }
}

}  // namespace

/// Reads a version from left to right; `rest` is what is still to read, in lower case.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<Version> version() {
    skip("v");
    if (!epoch_and_release()) return std::nullopt;
    pre();
    post();
    dev();
    if (too_large_ || !local()) return std::nullopt;
    return std::move(version_);
  }

 private:
  bool skip(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::uint64_t> number() {
    std::size_t size = 0;
    while (size < rest_.size() && text::is_digit(rest_[size])) ++size;
    if (size == 0) return std::nullopt;
    const auto value = number_in(rest_.substr(0, size));
    too_large_ |= !value.has_value();
    rest_.remove_prefix(size);
    return value.value_or(0);
  }
  void separator() {
    if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
  }
  /// One of `words` (the longer spellings first), which a separator may precede; else nothing is read.
  std::optional<std::string_view> word(std::initializer_list<std::string_view> words) {
    const std::string_view before = rest_;
    separator();
    for (const auto& candidate : words)
      if (skip(candidate)) return candidate;
    rest_ = before;
    return std::nullopt;
  }
  std::uint64_t optional_number() {
    separator();
    return number().value_or(0);
  }

  bool epoch_and_release() {
    auto first = number();
    if (first && skip("!")) {
      version_.epoch_ = *first;
      first = number();
    }
    if (!first) return false;
    version_.release_.push_back(*first);
    while (rest_.size() > 1 && rest_[0] == '.' && text::is_digit(rest_[1])) {
      skip(".");
      version_.release_.push_back(*number());
    }
    return true;
  }
  void pre() {
    const auto phase = word({"alpha", "beta", "preview", "pre", "a", "b", "c", "rc"});
    if (!phase) return;
    const char letter = phase->front() == 'a' || phase->front() == 'b' ? phase->front() : 'r';
    version_.pre_ = {letter, optional_number()};
  }
  void post() {
    if (rest_.size() > 1 && rest_[0] == '-' && text::is_digit(rest_[1])) {
      skip("-");
      version_.post_ = *number();
    } else if (word({"post", "rev", "r"})) {
      version_.post_ = optional_number();
    }
  }
  void dev() {
    if (word({"dev"})) version_.dev_ = optional_number();
  }
  /// Whether the version ends here, with a local label or without.
  bool local() {
    if (rest_.empty()) return true;
    if (!skip("+")) return false;
    std::string part;
    for (;;) {
      std::size_t size = 0;
      while (size < rest_.size() && is_alnum(rest_[size])) ++size;
      if (size == 0) return false;
      part = rest_.substr(0, size);
      if (const auto value = number_in(part)) part = std::to_string(*value);
      version_.local_ += (version_.local_.empty() ? "" : ".") + part;
      rest_.remove_prefix(size);
      if (rest_.empty()) return true;
      if (!is_separator(rest_.front())) return false;
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  Version version_;
  bool too_large_ = false;
};

// ---- versions -----------------------------------------------------------------------------------------------------

std::optional<Version> Version::parse(std::string_view text) {
  return Reader(text::lower(text::trimmed_view(text))).version();
}

std::string Version::text() const {
  std::string out = epoch_ ? std::to_string(epoch_) + "!" : "";
  for (std::size_t i = 0; i < release_.size(); ++i) out += (i ? "." : "") + std::to_string(release_[i]);
  if (pre_) out += (pre_->phase == 'r' ? "rc" : std::string(1, pre_->phase)) + std::to_string(pre_->number);
  if (post_) out += ".post" + std::to_string(*post_);
  if (dev_) out += ".dev" + std::to_string(*dev_);
  return local_.empty() ? out : out + "+" + local_;
}

Version Version::without_local() const {
  Version plain = *this;
  plain.local_.clear();
  return plain;
}

Version Version::post_base() const {
  Version base = without_local();
  base.post_.reset();
  base.dev_.reset();
  return base;
}

Version Version::earliest_prerelease() const {
  Version earliest = without_local();
  earliest.dev_ = 0;
  return earliest;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto order = a.epoch_ <=> b.epoch_; order != 0) return order;
  const auto part = [](const Version& v, std::size_t i) { return i < v.release_.size() ? v.release_[i] : 0; };
  for (std::size_t i = 0; i < std::max(a.release_.size(), b.release_.size()); ++i)
    if (const auto order = part(a, i) <=> part(b, i); order != 0) return order;
  // 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0 < 1.0.post1.dev1 < 1.0.post1
  const auto phase = [](const Version& v) {
    if (v.pre_) return static_cast<int>(v.pre_->phase);
    return v.dev_ && !v.post_ ? 0 : 127;
  };
  if (const auto order = phase(a) <=> phase(b); order != 0) return order;
  if (a.pre_)
    if (const auto order = a.pre_->number <=> b.pre_->number; order != 0) return order;
  if (const auto order = a.post_ <=> b.post_; order != 0) return order;
  constexpr auto none = std::numeric_limits<std::uint64_t>::max();
  if (const auto order = a.dev_.value_or(none) <=> b.dev_.value_or(none); order != 0) return order;
  return compare_local(a.local_, b.local_);
}

// ---- specifiers ---------------------------------------------------------------------------------------------------

std::optional<Specifier> Specifier::parse(std::string_view text) {
  text = text::trimmed_view(text);
  Specifier specifier;
  for (const char* comparison : {"===", "==", "!=", "<=", ">=", "~=", "<", ">"})
    if (text.starts_with(comparison)) {
      specifier.comparison_ = comparison;
      break;
    }
  if (specifier.comparison_.empty()) return std::nullopt;
  std::string_view version = text::trimmed_view(text.substr(specifier.comparison_.size()));
  specifier.version_ = version;
  if (specifier.comparison_ == "===") {
    if (version.find_first_of(" \t\n\r\f\v;)") != std::string_view::npos) return std::nullopt;
    return specifier;
  }
  const bool exact = specifier.comparison_ == "==" || specifier.comparison_ == "!=";
  if (exact && version.ends_with(".*")) {
    specifier.wildcard_ = true;
    version.remove_suffix(2);
  }
  specifier.bound_ = Version::parse(version);
  if (!specifier.bound_) return std::nullopt;
  const Version& bound = *specifier.bound_;
  const bool only_release = !bound.is_prerelease() && !bound.is_postrelease() && bound.local().empty();
  if (specifier.wildcard_ && !only_release) return std::nullopt;
  if (!exact && !bound.local().empty()) return std::nullopt;
  if (specifier.comparison_ == "~=" && bound.release().size() < 2) return std::nullopt;
  return specifier;
}

bool Specifier::contains(std::string_view version) const {
  if (const auto parsed = Version::parse(version)) return contains(*parsed, version);
  return comparison_ == "===" && text::lower(version) == text::lower(version_);
}

bool Specifier::contains(const Version& version, std::string_view text) const {
  if (comparison_ == "===") return text::lower(text::trimmed_view(text)) == text::lower(version_);
  const Version& bound = *bound_;
  const Version plain = version.without_local();
  if (comparison_ == "==" || comparison_ == "!=") {
    const bool same =
        wildcard_ ? has_prefix(version, bound.release().size()) : (bound.local().empty() ? plain : version) == bound;
    return same == (comparison_ == "==");
  }
  if (comparison_ == "~=") return plain >= bound && has_prefix(version, bound.release().size() - 1);
  if (comparison_ == ">=") return plain >= bound;
  if (comparison_ == "<=") return plain <= bound;
  if (comparison_ == "<")
    return version < bound &&
           (bound.is_prerelease() || !version.is_prerelease() || version < bound.earliest_prerelease());
  if (!(version > bound)) return false;
  if (!bound.is_postrelease() && version.is_postrelease() && version.post_base() == bound) return false;
  return version.local().empty() || plain != bound;
}

bool Specifier::has_prefix(const Version& version, std::size_t parts) const {
  if (version.epoch() != bound_->epoch()) return false;
  for (std::size_t i = 0; i < parts; ++i)
    if ((i < version.release().size() ? version.release()[i] : 0) != bound_->release()[i]) return false;
  return true;
}

// ---- sets ---------------------------------------------------------------------------------------------------------

std::optional<SpecifierSet> SpecifierSet::parse(std::string_view text) {
  SpecifierSet set;
  for (text = text::trimmed_view(text); !text.empty();
       text = text::trimmed_view(text)) {  // a comma may stand at the end
    const auto comma = std::min(text.find(','), text.size());
    auto specifier = Specifier::parse(text.substr(0, comma));
    if (!specifier) return std::nullopt;
    set.clauses_.push_back(std::move(*specifier));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return set;
}

bool SpecifierSet::contains(std::string_view version) const {
  return std::all_of(clauses_.begin(), clauses_.end(), [&](const auto& clause) { return clause.contains(version); });
}

bool SpecifierSet::contains(const Version& version) const {
  return std::all_of(clauses_.begin(), clauses_.end(), [&](const auto& clause) { return clause.contains(version); });
}

bool SpecifierSet::asks_for_prereleases() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const auto& clause) {
    const auto version = Version::parse(clause.version());
    return clause.comparison() != "!=" && version && version->is_prerelease();
  });
}

std::string SpecifierSet::text() const {
  std::string out;
  for (const auto& clause : clauses_) out += (out.empty() ? "" : ",") + clause.text();
  return out;
}

void SpecifierSet::add(const SpecifierSet& other) {
  clauses_.insert(clauses_.end(), other.clauses_.begin(), other.clauses_.end());
}

std::optional<std::string> newest(const std::vector<std::string>& versions, const SpecifierSet& allowed,
                                  bool prereleases) {
  std::optional<Version> best, best_early;
  std::string text, text_early;
  for (const auto& candidate : versions) {
    const auto version = Version::parse(candidate);
    if (!version || !allowed.contains(candidate)) continue;
    const bool early = version->is_prerelease() && !prereleases && !allowed.asks_for_prereleases();
    auto& record = early ? best_early : best;
    if (record && *record >= *version) continue;
    record = version;
    (early ? text_early : text) = candidate;
  }
  if (best) return text;
  return best_early ? std::optional(text_early) : std::nullopt;
}

}  // namespace agent::pep440
