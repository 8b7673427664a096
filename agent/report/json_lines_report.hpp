#pragma once

#include <iosfwd>

#include <agent/report/clock.hpp>
#include <agent/wire/event.hpp>

namespace agent::report {

/// One event a line, as JSON, each with `time` (UTC, ISO 8601) beside the fields of wire/event.hpp.
class JsonLinesReport : public EventSink {
 public:
  explicit JsonLinesReport(std::ostream& out, Clock clock = std::chrono::system_clock::now)
      : out_(out), clock_(std::move(clock)) {}
  void on(const Event& event) override;

 private:
  std::ostream& out_;
  Clock clock_;
};

}  // namespace agent::report
