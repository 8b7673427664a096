#pragma once

#include <iosfwd>
#include <string>

#include <agent/wire/event.hpp>

namespace agent::report {

/// One event a line, as JSON, each with `time` (UTC, ISO 8601) beside the fields of wire/event.hpp.
class JsonLinesReport : public EventSink {
 public:
  explicit JsonLinesReport(std::ostream& out) : out_(out) {}
  void on(const Event& event) override;

 private:
  std::ostream& out_;
};

/// One object at the end, in the shape of Ansible's json callback: `plays` with their tasks and each host's result, and
/// `stats`.
class JsonReport : public EventSink {
 public:
  explicit JsonReport(std::ostream& out) : out_(out) {}
  void on(const Event& event) override;

 private:
  struct Task {
    Map about;
    Map hosts;
    std::string where, name;
  };
  struct Play {
    Map about;
    std::vector<Task> tasks;
  };
  void write(const event::Recap& recap);

  std::ostream& out_;
  std::vector<Play> plays_;
  List warnings_;
};

}  // namespace agent::report
