#include <array>
#include <cstdio>

#include <agent/report/change_text.hpp>
#include <agent/report/junit_report.hpp>
#include <agent/report/markup.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

/// Text for XML: characters that it forbids are written as escapes first.
std::string xml(std::string_view text) {
  return markup(shown(text, true));
}

std::string attribute(std::string_view name, std::string_view value) {
  // A newline in an attribute would be read as a space.
  return " " + std::string(name) + "=\"" + xml(shown(value)) + "\"";
}
std::string attribute(std::string_view name, int value) {
  return attribute(name, std::string_view(std::to_string(value)));
}
std::string attribute(std::string_view name, double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", seconds);
  return attribute(name, std::string_view(text.data()));
}

/// How a task's ending reads in JUnit; without an element it passed.
struct Ending {
  std::string_view element, type;
};
Ending ending_of(Status status) {
  switch (status) {
    case Status::would_change:
      return {"failure", "drift"};
    case Status::unknown:
      return {"failure", "unknown"};
    case Status::failed:
      return {"error", "failed"};
    case Status::unreachable:
      return {"error", "unreachable"};
    case Status::skipped:
      return {"skipped", ""};
    default:
      return {};
  }
}

std::string message_of(const Record::Outcome& outcome) {
  const event::TaskResult& e = outcome.result;
  if (e.error) return e.error->message();
  if (e.status == Status::unknown) return e.reasons.empty() ? "not known" : e.reasons.front();
  const auto changes = outcome.changes();
  if (changes.size() == 1) return change_text(changes.front(), e.module);
  return std::to_string(changes.size()) + " changes";
}

std::string details_of(const Record::Outcome& outcome) {
  const event::TaskResult& e = outcome.result;
  std::string out;
  for (const auto& change : outcome.changes()) out += change_text(change, e.module) + "\n" + change_diff(change);
  for (const auto& reason : e.reasons) out += "because " + reason + "\n";
  if (e.error)
    for (const auto& hint : e.error->hints()) out += "hint: " + hint + "\n";
  return out + e.output;
}

/// What one host, or all of them, came to.
struct Tally {
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;

  void add(const event::TaskResult& e) {
    const Ending ending = ending_of(e.status);
    ++tests;
    failures += ending.element == "failure";
    errors += ending.element == "error";
    skipped += ending.element == "skipped";
    seconds += e.duration;
  }
  void add(const Tally& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
  std::string text() const {
    return attribute("tests", tests) + attribute("failures", failures) + attribute("errors", errors) +
           attribute("skipped", skipped) + attribute("time", seconds);
  }
};

struct Case {
  const Record::Task* task;
  const Record::Outcome* outcome;
};

void write_case(std::ostream& out, const Record& record, const Case& one) {
  const Record::Task& task = *one.task;
  const event::TaskResult& e = one.outcome->result;
  const Ending ending = ending_of(e.status);
  out << "    <testcase" << attribute("classname", record.plays[task.play].name) << attribute("name", task.name);
  if (task.where) out << attribute("file", *task.where.file) << attribute("line", task.where.line);
  out << attribute("time", e.duration);
  if (ending.element.empty()) {
    out << "/>\n";
  } else if (ending.element == "skipped") {
    out << "><skipped/></testcase>\n";
  } else {
    out << ">\n      <" << ending.element << attribute("type", ending.type)
        << attribute("message", message_of(*one.outcome)) << ">" << xml(details_of(*one.outcome)) << "</"
        << ending.element << ">\n    </testcase>\n";
  }
}

}  // namespace

void junit_report(const Record& record, std::ostream& out) {
  std::map<std::string_view, std::vector<Case>> suites;
  for (const auto& task : record.tasks)
    for (const auto& [host, outcome] : task.hosts) suites[host].push_back({&task, &outcome});
  std::map<std::string_view, Tally> tallies;
  Tally all;
  for (const auto& [host, cases] : suites) {
    Tally& tally = tallies[host];
    for (const Case& one : cases) tally.add(one.outcome->result);
    all.add(tally);
  }
  all.seconds = record.recap.duration;
  const std::string started = utc_text(record.started).substr(0, 19);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"
      << attribute("name", record.recap.check ? "agent check" : "agent run") << all.text() << ">\n";
  for (const auto& [host, cases] : suites) {
    out << "  <testsuite" << attribute("name", host) << tallies[host].text() << attribute("timestamp", started)
        << ">\n";
    for (const Case& one : cases) write_case(out, record, one);
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

}  // namespace agent::report
