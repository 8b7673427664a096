#include <cmath>
#include <ctime>

#include "file.hpp"

namespace agent::file {
namespace {

/// What to make of one of the two times.
struct Time {
  bool now = false;
  std::optional<double> at = {};
};

Time time_of(const std::optional<std::string>& text, const std::string& format, const char* argument) {
  if (!text || *text == "preserve") return {};
  if (*text == "now") return {.now = true};
  std::tm parts{};
  parts.tm_isdst = -1;
  const char* end = ::strptime(text->c_str(), format.c_str(), &parts);
  if (end == nullptr || *end != '\0')
    throw Error("'" + *text + "' is not a time written as '" + format + "'")
        .hint("write it like 202401311200.00, or say how you write it with '" + std::string(argument) + "_format'")
        .about(argument);
  return {.at = static_cast<double>(std::mktime(&parts))};
}

bool same(double a, double b) {
  return std::abs(a - b) < 1e-6;
}

std::string time_text(double seconds) {
  const auto whole = static_cast<std::time_t>(std::floor(seconds));
  std::tm parts{};
  ::localtime_r(&whole, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

// "Now" is a step of its own: what is needed for it is the right to write, not to own.
Step touch_step(const Path& path, const Time& access, const Time& modification, bool follow, const FileInfo& now) {
  SetAttributes set{.path = path, .follow = follow, .access_now = access.now, .modification_now = modification.now};
  const double before = modification.now ? now.modification_time : now.access_time;
  return {.changes = {{path.string() + (modification.now ? " modification time" : " access time"), time_text(before),
                       "now"}},
          .actions = {std::move(set)},
          .event = true};
}

}  // namespace

FileInfo plan_attributes(const Want& want, const Path& path, const FileInfo& now, const Host& host, Plan& plan) {
  auto difference = compare_attributes(want, path, now, host);
  const Time access = time_of(want.access_time, want.access_time_format, "access_time");
  const Time modification = time_of(want.modification_time, want.modification_time_format, "modification_time");
  SetAttributes set{.path = path, .attributes = difference.attributes, .follow = !now.is_link()};
  if (access.at && !same(*access.at, now.access_time)) {
    difference.changes.push_back({path.string() + " access time", time_text(now.access_time), time_text(*access.at)});
    set.access_time = difference.after.access_time = *access.at;
  }
  if (modification.at && !same(*modification.at, now.modification_time)) {
    difference.changes.push_back(
        {path.string() + " modification time", time_text(now.modification_time), time_text(*modification.at)});
    set.modification_time = difference.after.modification_time = *modification.at;
  }
  if (!difference.changes.empty()) plan.steps.push_back({.changes = difference.changes, .actions = {set}});
  if (access.now || modification.now) plan.steps.push_back(touch_step(path, access, modification, !now.is_link(), now));
  return difference.after;
}

}  // namespace agent::file
