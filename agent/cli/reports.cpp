#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <map>
#include <sstream>

#include <unistd.h>

#include <agent/cli/reports.hpp>
#include <agent/cli/terminal.hpp>
#include <agent/report/html_report.hpp>
#include <agent/report/json_lines_report.hpp>
#include <agent/report/json_report.hpp>
#include <agent/report/junit_report.hpp>
#include <agent/report/prometheus_report.hpp>
#include <agent/report/signature.hpp>
#include <agent/report/text_report.hpp>

namespace agent::cli {
namespace {

const std::map<std::string, void (*)(const report::Record&, std::ostream&)> wholes = {
    {"json", report::json_report},
    {"junit", report::junit_report},
    {"html", report::html_report},
    {"prometheus", report::prometheus_report}};

std::string format_of(const std::string& file) {
  static const std::map<std::string, std::string> by_extension = {{"json", "json"}, {"jsonl", "jsonl"},
                                                                  {"xml", "junit"}, {"html", "html"},
                                                                  {"htm", "html"},  {"prom", "prometheus"}};
  const auto dot = file.rfind('.');
  const auto found = by_extension.find(dot == std::string::npos ? "" : file.substr(dot + 1));
  return found == by_extension.end() ? "text" : found->second;
}

/// Hands events to a recorder that several reports are made of.
class Recording : public EventSink {
 public:
  Recording(std::shared_ptr<report::Recorder> recorder, report::Clock clock)
      : recorder_(std::move(recorder)), clock_(std::move(clock)) {}
  void on(const Event& event) override { recorder_->hear(event, clock_()); }

 private:
  std::shared_ptr<report::Recorder> recorder_;
  report::Clock clock_;
};

}  // namespace

const Strings& report_formats() {
  static const Strings names = {"text", "jsonl", "json", "junit", "html", "prometheus"};
  return names;
}

Reports::Reports(const Wanted& wanted) : signing_key_(wanted.signing_key) {
  // Found out now, and not after an hour of work.
  if (!signing_key_.empty()) report::signature("", signing_key_);
  if (!signing_key_.empty() && wanted.outputs.empty())
    throw Error("--sign signs files, and there is none").hint("name one: --format json --output audit.json");
  for (std::size_t i = 0; i < wanted.outputs.size(); ++i) {
    const std::string& name = wanted.outputs[i];
    add(i < wanted.formats.size() ? wanted.formats[i] : format_of(name), name, wanted);
    outputs_.emplace_back(name);
  }
  const std::size_t next = wanted.outputs.size();
  const std::string format = next < wanted.formats.size() ? wanted.formats[next] : "text";
  for_programs_ = format != "text";
  add(format, "", wanted);
}

void Reports::add(const std::string& format, const std::string& output, const Wanted& wanted) {
  if (const auto whole = wholes.find(format); whole != wholes.end()) {
    if (!recorder_) {
      recorder_ = std::make_shared<report::Recorder>();
      tee_.add(std::make_unique<Recording>(recorder_, wanted.clock));
    }
    wholes_.push_back({whole->second, output.empty() ? std::nullopt : std::optional(OutputFile(output))});
    return;
  }
  std::ostream* out = &std::cout;
  if (!output.empty()) {
    streams_.push_back(std::make_unique<std::ofstream>(output, std::ios::binary | std::ios::trunc));
    out = streams_.back().get();
    if (!*out) throw Error("the report cannot be written to '" + output + "': " + std::strerror(errno));
  }
  if (format == "jsonl") return tee_.add(std::make_unique<report::JsonLinesReport>(*out, wanted.clock));
  report::TextStyle style;
  style.verbosity = wanted.verbosity;
  style.diff = wanted.diff;
  style.diff_lines = wanted.diff_lines;
  if (output.empty()) {
    style.colour = wants_colour(STDOUT_FILENO);
    style.terminal = is_terminal(STDOUT_FILENO);
    style.width = std::max<std::size_t>(79, terminal_size(STDOUT_FILENO).columns - 1);
    style.height = terminal_size(STDOUT_FILENO).rows;
  }
  tee_.add(std::make_unique<report::TextReport>(*out, std::cerr, style));
}

void Reports::finish() {
  for (const auto& whole : wholes_) {
    const auto text = [&](std::ostream& out) { whole.write(recorder_->record(), out); };
    if (whole.file) {
      whole.file->write(text);
    } else {
      text(std::cout);
      std::cout.flush();
    }
  }
  for (const auto& stream : streams_) stream->close();
  if (!signing_key_.empty())
    for (const auto& output : outputs_) sign(output);
}

void Reports::sign(const Path& output) const {
  std::ifstream file(output, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  OutputFile(output.string() + ".sig").write(report::signature(text.str(), signing_key_));
}

}  // namespace agent::cli
