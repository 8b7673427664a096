#include <algorithm>

#include <agent/wire/task.hpp>

namespace agent {
namespace {

/// Whether `text` reads like `pattern`, in which each `redacted` stands for any text.
bool fits(std::string_view text, std::string_view pattern) {
  const auto first = pattern.find(redacted);
  if (first == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, first))) return false;
  text.remove_prefix(first);
  pattern.remove_prefix(first + redacted.size());
  // Each part between two hidden places at its first place; the last one has to end the text.
  for (auto next = pattern.find(redacted); next != std::string_view::npos; next = pattern.find(redacted)) {
    const auto at = text.find(pattern.substr(0, next));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + next);
    pattern.remove_prefix(next + redacted.size());
  }
  return text.ends_with(pattern);
}

bool fits_too(const std::optional<std::string>& text, const std::optional<std::string>& pattern) {
  return text.has_value() == pattern.has_value() && (!text || fits(*text, *pattern));
}

/// A check that cannot know which version is the newest has promised that one, whichever it is.
bool is_that_version(const Change& change, const Change& approved) {
  return !approved.text && approved.after == "newest" && change.after;
}

}  // namespace

bool is_approved(const Change& change, const std::vector<Change>& approved) {
  return std::any_of(approved.begin(), approved.end(), [&](const Change& one) {
    if (!fits(change.subject, one.subject)) return false;
    if (one.secret) return true;
    return fits_too(change.before, one.before) && (fits_too(change.after, one.after) || is_that_version(change, one));
  });
}

}  // namespace agent
