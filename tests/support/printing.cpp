#include "printing.hpp"

#include <iomanip>
#include <sstream>

#include <gtest/gtest.h>

namespace agent {
namespace {

std::string text_of(const std::optional<std::string>& value) {
  return value ? ::testing::PrintToString(*value) : "(absent)";
}

std::string text_of(const Attributes& attributes) {
  std::ostringstream out;
  if (attributes.mode) out << " mode=" << std::oct << std::setw(4) << std::setfill('0') << *attributes.mode;
  if (attributes.owner) out << " owner=" << *attributes.owner;
  if (attributes.group) out << " group=" << *attributes.group;
  return out.str();
}

std::string text_of(const Effects& effects) {
  std::ostringstream out;
  for (const auto& path : effects.directories) out << "\n    makes the directory " << path.string();
  for (const auto& [path, content] : effects.files)
    out << "\n    makes " << path.string() << " with " << ::testing::PrintToString(content);
  for (const auto& path : effects.opaque) out << "\n    makes " << path.string();
  for (const auto& path : effects.removed) out << "\n    removes " << path.string();
  if (effects.complete) out << "\n    and nothing else";
  return out.str();
}

struct Details {
  std::string operator()(const WriteFile& a) const {
    return text_of(a.attributes) + (a.backup ? " with backup" : "") +
           (a.validate.empty() ? "" : " validate=" + Value(a.validate).json()) + " " +
           ::testing::PrintToString(a.content);
  }
  std::string operator()(const MakeDirectory& a) const { return text_of(a.attributes); }
  std::string operator()(const MakeLink& a) const { return (a.hard ? " hard to " : " to ") + a.target; }
  std::string operator()(const SetAttributes& a) const {
    return text_of(a.attributes) + (a.access_time ? " atime=" + std::to_string(*a.access_time) : "") +
           (a.modification_time ? " mtime=" + std::to_string(*a.modification_time) : "") +
           (a.access_now ? " atime=now" : "") + (a.modification_now ? " mtime=now" : "") +
           (a.follow ? "" : " of the link");
  }
  std::string operator()(const CopyPath& a) const { return " from " + a.from.string() + text_of(a.attributes); }
  std::string operator()(const RemovePath&) const { return ""; }
  std::string operator()(const Exec& a) const {
    std::string text = " " + Value(a.argv).json();
    for (const auto& [name, value] : a.environment) text += "\n    " + name + "=" + value;
    if (a.directory) text += "\n    in " + a.directory->string();
    if (a.input) text += "\n    input " + ::testing::PrintToString(*a.input);
    return text + (a.any_exit ? "\n    may fail" : "") + text_of(a.effects);
  }
  std::string operator()(const InstallPackages& a) const {
    return " afterwards " + ::testing::PrintToString(a.afterwards);
  }
  std::string operator()(const UpgradePackages& a) const {
    return " afterwards " + ::testing::PrintToString(a.afterwards);
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return "";
  }
};

}  // namespace

std::string test::shown(const Action& action) {
  return describe(action) + std::visit(Details{}, action);
}

void PrintTo(const Value& value, std::ostream* out) {
  *out << value.json();
}
void PrintTo(const Map& map, std::ostream* out) {
  *out << Value(map).json();
}

void PrintTo(const Change& change, std::ostream* out) {
  *out << change.subject << ": " << text_of(change.before) << " -> " << text_of(change.after)
       << (change.secret ? " (secret)" : "") << (change.text ? " (text)" : "");
}

void PrintTo(const Step& step, std::ostream* out) {
  *out << (step.event ? "\nevent:" : "\nstep:");
  for (const auto& change : step.changes) *out << "\n  " << ::testing::PrintToString(change);
  for (const auto& action : step.actions) *out << "\n  * " << test::shown(action);
}

void PrintTo(const Plan& plan, std::ostream* out) {
  for (const auto& step : plan.steps) PrintTo(step, out);
  *out << "\nresult: " << Value(plan.result).json() << "\nnotes: " << Value(plan.notes).json();
}

void PrintTo(const Output& output, std::ostream* out) {
  *out << "rc=" << output.rc << " out=" << ::testing::PrintToString(output.out)
       << " err=" << ::testing::PrintToString(output.err) << (output.truncated ? " truncated" : "");
  if (!output.unknown.empty()) *out << " unknown=" << Value(output.unknown).json();
}

void PrintTo(const Package& package, std::ostream* out) {
  static constexpr const char* states[] = {"installed", "half-installed", "half-configured", "unpacked",
                                           "config-files"};
  *out << package.name << ":" << package.architecture << "=" << package.version << " ("
       << states[static_cast<int>(package.state)] << (package.held ? ", held" : "") << ")";
}

}  // namespace agent
