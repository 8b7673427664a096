#include <agent/report/json_report.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

Map about(const Record& record) {
  const event::RunStarted& run = record.about;
  Map out{{"version", run.agent},
          {"run", run.run},
          {"mode", record.recap.check ? "check" : "run"},
          {"verdict", name_of(record.verdict())},
          {"playbooks", Value(run.playbooks)},
          {"playbook_hash", run.playbook_hash},
          {"inventory_hash", run.inventory_hash},
          {"hosts", record.recap.hosts.size()},
          {"started", utc_text(record.started)},
          {"ended", utc_text(record.ended)},
          {"duration", record.recap.duration}};
  if (record.recap.check) {
    out.set("wall", record.recap.wall);
    out.set("wall_gaps", Value(record.recap.wall_gaps));
  }
  return out;
}

/// The fields of the event `e` that tell what came of it, as they are in JSON lines.
void add_event(Map& out, const event::TaskResult& e) {
  const Value whole = to_value(Event(e));
  out.set("status", name_of(e.status));
  out.set("duration", e.duration);
  for (const char* field : {"changes", "reasons", "notes", "error", "delegate"})
    if (const Value* value = whole.find(field)) out.set(field, *value);
}

Map result_of(const Record::Outcome& outcome) {
  const event::TaskResult& e = outcome.result;
  Map out = e.result;
  out.set("action", e.module);
  if (e.status == Status::failed || e.status == Status::rescued || e.status == Status::ignored) out.set("failed", true);
  if (e.status == Status::skipped) out.set("skipped", true);
  if (e.status == Status::unreachable) out.set("unreachable", true);
  add_event(out, e);
  List items;
  for (const auto& item : outcome.items) {
    Map one{{"item", *item.item}};
    add_event(one, item);
    items.push_back(std::move(one));
  }
  if (!items.empty()) out.set("items", std::move(items));
  return out;
}

Map stats_of(const Counts& c) {
  return Map{{"ok", c.ok},           {"changed", c.changed}, {"failures", c.failed}, {"unreachable", c.unreachable},
             {"skipped", c.skipped}, {"rescued", c.rescued}, {"ignored", c.ignored}, {"unknown", c.unknown}};
}

}  // namespace

std::string json_report(const Record& record) {
  std::vector<List> tasks(record.plays.size());
  for (const auto& task : record.tasks) {
    Map hosts;
    for (const auto& [host, outcome] : task.hosts) hosts.set(host, result_of(outcome));
    Map one{
        {"name", task.name}, {"path", task.where.text()}, {"start", utc_text(task.started)}, {"module", task.module}};
    if (task.handler) one.set("handler", true);
    tasks[task.play].push_back(Map{{"task", std::move(one)}, {"hosts", std::move(hosts)}});
  }
  List plays;
  for (std::size_t i = 0; i < record.plays.size(); ++i) {
    const auto& play = record.plays[i];
    const Map one{{"name", play.name}, {"path", play.where.text()}, {"start", utc_text(play.started)}};
    plays.push_back(Map{{"play", one}, {"tasks", std::move(tasks[i])}});
  }
  Map stats;
  for (const auto& [host, counts] : record.recap.hosts) stats.set(host, stats_of(counts));
  const Map out{{"version", event::version},
                {"agent", about(record)},
                {"plays", std::move(plays)},
                {"stats", std::move(stats)},
                {"warnings", Value(record.warnings)},
                {"check", record.recap.check},
                {"wall", record.recap.wall},
                {"wall_gaps", Value(record.recap.wall_gaps)},
                {"custom_stats", Map()},
                {"global_custom_stats", Map()}};
  return json_shown(Value(out), 4) + "\n";
}

}  // namespace agent::report
