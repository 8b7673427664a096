#include <utility>

#include <agent/report/record.hpp>

namespace agent::report {
namespace {

std::string key_of(std::size_t play, const std::string& task, const Where& where) {
  return std::to_string(play) + '\n' + task + '\n' + where.text();
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::compliant:
      return "compliant";
    case Verdict::drift:
      return "drift";
    case Verdict::converged:
      return "converged";
    case Verdict::failed:
      return "failed";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::interrupted:
      return "interrupted";
  }
  return "";
}

std::vector<Change> Record::Outcome::changes() const {
  std::vector<Change> out = result.changes;
  for (const auto& item : items) out.insert(out.end(), item.changes.begin(), item.changes.end());
  return out;
}

Verdict Record::verdict_of(const Counts& counts) const {
  if (counts.failed > 0) return Verdict::failed;
  if (counts.unreachable > 0) return Verdict::unreachable;
  if (!recap.check) return Verdict::converged;
  return counts.changed > 0 || counts.unknown > 0 ? Verdict::drift : Verdict::compliant;
}

Verdict Record::verdict() const {
  if (recap.interrupted) return Verdict::interrupted;
  Counts sum;
  for (const auto& [host, counts] : recap.hosts) {
    sum.failed += counts.failed;
    sum.unreachable += counts.unreachable;
    sum.changed += counts.changed;
    sum.unknown += counts.unknown;
  }
  return verdict_of(sum);
}

void Recorder::hear(const Event& event, Time when) {
  record_.ended = when;
  if (const auto* run = std::get_if<event::RunStarted>(&event)) {
    record_.about = *run;
    record_.started = when;
  } else if (const auto* play = std::get_if<event::PlayStarted>(&event)) {
    began(*play, when);
  } else if (const auto* task = std::get_if<event::TaskStarted>(&event)) {
    began(*task, when);
  } else if (const auto* result = std::get_if<event::TaskResult>(&event)) {
    ended(*result, when);
  } else if (const auto* warning = std::get_if<event::Warning>(&event)) {
    record_.warnings.push_back(warning->text);
  } else if (const auto* recap = std::get_if<event::Recap>(&event)) {
    record_.recap = *recap;
  }
}

void Recorder::began(const event::PlayStarted& play, Time when) {
  begun_.clear();
  counted_.clear();
  auto& plays = record_.plays;
  const bool is_next_batch =
      !plays.empty() && plays.back().name == play.play && plays.back().where.text() == play.where.text();
  if (!is_next_batch) plays.push_back({play.play, play.where, when, {}});
  current_play_ = plays.size() - 1;
  plays.back().hosts.insert(plays.back().hosts.end(), play.hosts.begin(), play.hosts.end());
}

void Recorder::began(const event::TaskStarted& task, Time when) {
  if (record_.plays.empty()) record_.plays.push_back({task.play, {}, when, {}});
  const std::string key = key_of(current_play_, task.task, task.where);
  task_of(key, begun_[key]++, {current_play_, task.task, task.module, task.where, task.handler, when, {}});
}

void Recorder::ended(const event::TaskResult& result, Time when) {
  if (result.item) {
    items_[result.host].push_back(result);
    return;
  }
  if (record_.plays.empty()) record_.plays.push_back({result.play, {}, when, {}});
  const std::string key = key_of(current_play_, result.task, result.where);
  Record::Task& task = task_of(key, counted_[result.host][key]++,
                               {current_play_, result.task, result.module, result.where, false, when, {}});
  Record::Outcome& outcome = task.hosts[result.host];
  outcome.result = result;
  outcome.items = std::exchange(items_[result.host], {});
}

Record::Task& Recorder::task_of(const std::string& key, std::size_t occurrence, const Record::Task& otherwise) {
  auto& places = known_[key];
  while (places.size() <= occurrence) {
    places.push_back(record_.tasks.size());
    record_.tasks.push_back(otherwise);
  }
  return record_.tasks[places[occurrence]];
}

}  // namespace agent::report
