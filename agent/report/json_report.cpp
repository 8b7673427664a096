#include <agent/report/json_report.hpp>
#include <agent/report/json_stream.hpp>
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

void put(JsonStream& json, const Record::Task& task) {
  Map about{
      {"name", task.name}, {"path", task.where.text()}, {"start", utc_text(task.started)}, {"module", task.module}};
  if (task.handler) about.set("handler", true);
  json.item();
  json.open_map();
  json.name("hosts");
  json.open_map();
  for (const auto& [host, outcome] : task.hosts) json.put(host, result_of(outcome));
  json.close();
  json.put("task", about);
  json.close();
}

}  // namespace

void json_report(const Record& record, std::ostream& out) {
  JsonStream json(out, 4);
  json.open_map();
  json.put("agent", about(record));
  json.put("check", record.recap.check);
  json.put("custom_stats", Map());
  json.put("global_custom_stats", Map());
  json.name("plays");
  json.open_list();
  for (std::size_t i = 0; i < record.plays.size(); ++i) {
    const auto& play = record.plays[i];
    json.item();
    json.open_map();
    json.put("play", Map{{"name", play.name}, {"path", play.where.text()}, {"start", utc_text(play.started)}});
    json.name("tasks");
    json.open_list();
    for (const auto& task : record.tasks)
      if (task.play == i) put(json, task);
    json.close();
    json.close();
  }
  json.close();
  json.name("stats");
  json.open_map();
  for (const auto& [host, counts] : record.recap.hosts) json.put(host, stats_of(counts));
  json.close();
  json.put("version", event::version);
  json.put("wall", record.recap.wall);
  json.put("wall_gaps", record.recap.wall_gaps);
  json.put("warnings", record.warnings);
  json.close();
  out << "\n";
}

}  // namespace agent::report
