#include <array>
#include <chrono>
#include <ctime>
#include <ostream>

#include <agent/report/json_report.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

std::string now() {
  const auto time = std::chrono::system_clock::now();
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count() % 1000000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(micros));
  return std::string(text.data()) + fraction.data();
}

Map result_of(const event::TaskResult& e) {
  Map out = e.result;
  out.set("action", e.module);
  out.set("status", name_of(e.status));
  if (e.status == Status::failed || e.status == Status::rescued || e.status == Status::ignored) out.set("failed", true);
  if (e.status == Status::skipped) out.set("skipped", true);
  if (e.status == Status::unreachable) out.set("unreachable", true);
  if (!e.reasons.empty()) out.set("reasons", Value(e.reasons));
  return out;
}

}  // namespace

void JsonLinesReport::on(const Event& event) {
  Map out = to_value(event).map();
  out.set("time", now());
  out_ << json_shown(Value(std::move(out))) << '\n' << std::flush;
}

void JsonReport::on(const Event& event) {
  if (const auto* play = std::get_if<event::PlayStarted>(&event)) {
    plays_.push_back({Map{{"name", play->play}, {"path", play->where.text()}, {"start", now()}}, {}});
  } else if (const auto* task = std::get_if<event::TaskStarted>(&event)) {
    if (plays_.empty()) plays_.emplace_back();
    const std::string where = task->where.text();
    plays_.back().tasks.push_back(
        {Map{{"name", task->task}, {"path", where}, {"start", now()}, {"module", task->module}},
         {},
         where,
         task->task});
  } else if (const auto* result = std::get_if<event::TaskResult>(&event)) {
    if (!result->item && !plays_.empty() && !plays_.back().tasks.empty())
      plays_.back().tasks.back().hosts.set(result->host, result_of(*result));
  } else if (const auto* warning = std::get_if<event::Warning>(&event)) {
    warnings_.push_back(Value(warning->text));
  } else if (const auto* recap = std::get_if<event::Recap>(&event)) {
    write(*recap);
  }
}

void JsonReport::write(const event::Recap& recap) {
  List plays;
  for (auto& play : plays_) {
    List tasks;
    for (auto& task : play.tasks) tasks.push_back(Map{{"task", task.about}, {"hosts", task.hosts}});
    plays.push_back(Map{{"play", play.about}, {"tasks", tasks}});
  }
  Map stats;
  for (const auto& [host, c] : recap.hosts)
    stats.set(host, Map{{"ok", c.ok},
                        {"changed", c.changed},
                        {"failures", c.failed},
                        {"unreachable", c.unreachable},
                        {"skipped", c.skipped},
                        {"rescued", c.rescued},
                        {"ignored", c.ignored},
                        {"unknown", c.unknown}});
  const Map out{{"version", event::version},
                {"plays", plays},
                {"stats", stats},
                {"warnings", warnings_},
                {"check", recap.check},
                {"wall", recap.wall},
                {"wall_gaps", Value(recap.wall_gaps)},
                {"custom_stats", Map()},
                {"global_custom_stats", Map()}};
  out_ << json_shown(Value(out), 4) << '\n' << std::flush;
}

}  // namespace agent::report
