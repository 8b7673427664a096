#include <agent/report/change_text.hpp>
#include <agent/report/key_diff.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/report/unified_diff.hpp>

namespace agent::report {
namespace {

std::string value_text(const std::optional<std::string>& value) {
  if (!value) return "absent";
  return value->empty() ? "''" : shown(*value);
}

std::size_t count_lines(const std::string& diff, char sign) {
  std::size_t count = 0, at = 0, line = 0;
  while (at < diff.size()) {
    if (line >= 2 && diff[at] == sign) ++count;
    at = diff.find('\n', at);
    if (at == std::string::npos) break;
    ++at, ++line;
  }
  return count;
}

}  // namespace

std::string change_text(const Change& change, const std::string& module) {
  const std::string subject = shown(change.subject);
  if (change.secret) return subject + ": changed (hidden)";
  if (!change.text) {
    if (change.before == change.after) return subject;
    // What was run was not "absent" before.
    if (!change.before && change.after && change.subject == module) return subject + ": " + shown(*change.after);
    if (!change.before && change.after && change.after->empty()) return subject + ": made";
    return subject + ": " + value_text(change.before) + " -> " + value_text(change.after);
  }
  const auto diff = unified_diff(change.before.value_or(""), change.after.value_or(""), "", "");
  if (!change.after) return subject + ": removed";
  return subject + ": " + (change.before ? "" : "new, ") + "+" + std::to_string(count_lines(diff, '+')) + " -" +
         std::to_string(count_lines(diff, '-')) + " lines";
}

std::string change_diff(const Change& change) {
  if (!change.text || change.secret) return {};
  const std::string subject = shown(change.subject);
  if (change.before && change.after)
    if (const auto keys = key_diff(change.subject, *change.before, *change.after))
      return "--- before: " + subject + "\n+++ after: " + subject + "\n@@ key by key @@\n" + *keys;
  return unified_diff(change.before.value_or(""), change.after.value_or(""),
                      change.before ? "before: " + subject : "before", change.after ? "after: " + subject : "after");
}

}  // namespace agent::report
