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

struct Suite {
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
  std::string cases;

  void add(const Record& record, const Record::Task& task, const Record::Outcome& outcome) {
    const event::TaskResult& e = outcome.result;
    const Ending ending = ending_of(e.status);
    ++tests;
    failures += ending.element == "failure";
    errors += ending.element == "error";
    skipped += ending.element == "skipped";
    seconds += e.duration;
    cases += "    <testcase" + attribute("classname", record.plays[task.play].name) + attribute("name", task.name);
    if (task.where) cases += attribute("file", *task.where.file) + attribute("line", task.where.line);
    cases += attribute("time", e.duration);
    if (ending.element.empty()) {
      cases += "/>\n";
    } else if (ending.element == "skipped") {
      cases += "><skipped/></testcase>\n";
    } else {
      const std::string element(ending.element);
      cases += ">\n      <" + element + attribute("type", ending.type) + attribute("message", message_of(outcome)) +
               ">" + xml(details_of(outcome)) + "</" + element + ">\n    </testcase>\n";
    }
  }
  std::string counts() const {
    return attribute("tests", tests) + attribute("failures", failures) + attribute("errors", errors) +
           attribute("skipped", skipped) + attribute("time", seconds);
  }
};

}  // namespace

std::string junit_report(const Record& record) {
  std::map<std::string, Suite> suites;
  for (const auto& task : record.tasks)
    for (const auto& [host, outcome] : task.hosts) suites[host].add(record, task, outcome);
  Suite all;
  std::string body;
  const std::string started = utc_text(record.started).substr(0, 19);
  for (const auto& [host, suite] : suites) {
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
    body += "  <testsuite" + attribute("name", host) + suite.counts() + attribute("timestamp", started) + ">\n" +
            suite.cases + "  </testsuite>\n";
  }
  all.seconds = record.recap.duration;
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", record.recap.check ? "agent check" : "agent run") + all.counts() + ">\n" + body +
         "</testsuites>\n";
}

}  // namespace agent::report
