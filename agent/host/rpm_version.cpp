#include <algorithm>

#include <agent/host/rpm_version.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool counts(char c) {
  return text::is_digit(c) || is_letter(c) || c == '~' || c == '^';
}
bool begins(std::string_view text, char c) {
  return !text.empty() && text[0] == c;
}

void skip_separators(std::string_view& text) {
  while (!text.empty() && !counts(text[0])) text.remove_prefix(1);
}

template <class Is>
std::string_view take(std::string_view& text, Is is) {
  std::size_t size = 0;
  while (size < text.size() && is(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

struct Evr {
  std::string_view epoch, version, release;
};
Evr split(std::string_view text) {
  Evr evr;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    evr.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const auto dash = text.rfind('-');
  evr.version = text.substr(0, dash);
  if (dash != std::string_view::npos) evr.release = text.substr(dash + 1);
  return evr;
}

}  // namespace

int compare_rpm_parts(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    skip_separators(a);
    skip_separators(b);
    // The tilde sorts before everything, even the end.
    if (begins(a, '~') || begins(b, '~')) {
      if (!begins(a, '~')) return 1;
      if (!begins(b, '~')) return -1;
      a.remove_prefix(1), b.remove_prefix(1);
      continue;
    }
    // The caret sorts after the end, and before everything else.
    if (begins(a, '^') || begins(b, '^')) {
      if (a.empty()) return -1;
      if (b.empty()) return 1;
      if (!begins(a, '^')) return 1;
      if (!begins(b, '^')) return -1;
      a.remove_prefix(1), b.remove_prefix(1);
      continue;
    }
    if (a.empty() || b.empty()) break;
    const bool number = text::is_digit(a[0]);
    const std::string_view left = number ? take(a, text::is_digit) : take(a, is_letter);
    const std::string_view right = number ? take(b, text::is_digit) : take(b, is_letter);
    if (right.empty()) return number ? 1 : -1;  // numbers are newer than letters
    if (const int order = number ? compare_numbers(left, right) : left.compare(right)) return order < 0 ? -1 : 1;
  }
  if (a.empty() && b.empty()) return 0;
  return a.empty() ? -1 : 1;
}

int compare_rpm_versions(std::string_view a, std::string_view b) {
  const Evr left = split(a), right = split(b);
  const auto epoch = [](std::string_view text) { return text.empty() ? std::string_view("0") : text; };
  if (const int order = compare_rpm_parts(epoch(left.epoch), epoch(right.epoch))) return order;
  if (const int order = compare_rpm_parts(left.version, right.version)) return order;
  if (left.release.empty() || right.release.empty()) return 0;
  return compare_rpm_parts(left.release, right.release);
}

}  // namespace agent
