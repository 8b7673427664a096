#include <ostream>

#include <agent/report/json_lines_report.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {

void JsonLinesReport::on(const Event& event) {
  // Where a host is, is for people who watch; what it did follows.
  if (const auto* progress = std::get_if<event::Progress>(&event); progress && progress->text.empty()) return;
  Map out = to_value(event).map();
  out.set("time", utc_text(clock_()));
  out_ << json_shown(Value(std::move(out))) << '\n' << std::flush;
}

}  // namespace agent::report
