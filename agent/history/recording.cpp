#include <agent/history/recording.hpp>
#include <agent/sdk/text.hpp>

namespace agent::history {
namespace {

event::TaskResult kept(event::TaskResult e) {
  const bool tells = e.status == Status::failed || e.status == Status::ignored || e.status == Status::rescued ||
                     e.status == Status::unreachable || e.status == Status::skipped || e.shown;
  if (!tells) {
    e.result = {};
    e.output.clear();
  }
  return e;
}

void add(Counts& sum, const Counts& more) {
  sum.ok += more.ok;
  sum.changed += more.changed;
  sum.unreachable += more.unreachable;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
  sum.rescued += more.rescued;
  sum.ignored += more.ignored;
  sum.unknown += more.unknown;
}

}  // namespace

void Recording::on(const Event& event) {
  const report::Time now = clock_();
  if (std::holds_alternative<event::Progress>(event) || std::holds_alternative<event::Prompt>(event) ||
      std::holds_alternative<event::Retrying>(event))
    return;
  const auto* result = std::get_if<event::TaskResult>(&event);
  run_.events.emplace_back(now, result ? Event(kept(*result)) : event);
  if (!result) recorder_.hear(event, now);
}

const WholeRun& Recording::run() {
  const report::Record& record = recorder_.record();
  Run& about = run_.about;
  about.name = record.about.run;
  about.started = record.started;
  about.ended = record.ended;
  about.check = record.recap.check;
  about.playbooks = text::joined(record.about.playbooks);
  about.verdict = report::name_of(record.verdict());
  about.hosts = static_cast<int>(record.recap.hosts.size());
  about.counts = {};
  for (const auto& [host, counts] : record.recap.hosts) add(about.counts, counts);
  return run_;
}

}  // namespace agent::history
