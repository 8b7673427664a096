#include <agent/cli/collected_runs.hpp>
#include <agent/cli/continuation.hpp>
#include <agent/cli/history_file.hpp>
#include <agent/cli/led_runs.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/history/recording.hpp>
#include <agent/history/store.hpp>
#include <agent/host/process.hpp>

namespace agent::cli {
namespace {

/// The events of a run as they would have been said, had there been somebody to say them to.
void say_all(const LedRun& led, const fleet::CollectedRun& collected, EventSink& to) {
  event::RunStarted begin;
  begin.run = led.run;
  begin.playbook_hash = led.playbook_hash;
  for (const auto& word : led.words)
    if (word.ends_with(".yml") || word.ends_with(".yaml")) begin.playbooks.push_back(word);
  to.on(begin);
  std::string play;
  Counts counts;
  for (const Event& event : collected.events) {
    const auto* started = std::get_if<event::TaskStarted>(&event);
    if (started && started->play != play) {
      play = started->play;
      to.on(event::PlayStarted{play, {collected.host}, false, {}});
    }
    to.on(event);
    // Of a loop the task as a whole counts, and not its items.
    if (const auto* result = std::get_if<event::TaskResult>(&event); result && !result->item)
      counts.add(result->status);
  }
  if (!collected.is_whole) counts.add(Status::unreachable);
  event::Recap end;
  end.hosts[collected.host] = counts;
  // Of hosts that were not met yet nothing is known: whoever resumes the run begins with all of them.
  end.interrupted = true;
  to.on(end);
}

}  // namespace

std::optional<std::string> CollectedRuns::key_of(const std::string& run) {
  const std::lock_guard lock(mutex_);
  try {
    const LedRuns kept = LedRuns::of_this_user();
    const LedRun led = kept.find(run);
    // Refused where its controller still lives.
    const Fd leading = kept.lead(led);
    return fleet::from_hex(led.key);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string CollectedRuns::keep(const fleet::CollectedRun& collected) {
  const std::lock_guard lock(mutex_);
  const LedRun led = LedRuns::of_this_user().find(collected.run);
  const auto file = history_file(own_environment());
  if (!file) throw Error("the history has no place: neither XDG_STATE_HOME nor HOME is set");
  history::Store store(*file, history::Store::Use::writing);
  history::WholeRun before;
  for (const auto& one : store.list(1000))
    if (one.name == collected.run) before = store.find(collected.run);
  history::Recording now;
  Continuation continuation(before, now);
  say_all(led, collected, continuation);
  store.add(continuation.with(now.run()));
  return "'" + collected.host + "' kept the journal of run " + collected.run +
         ", whose controller died: it is in the history now ('agent report " + collected.run + "'); " +
         (collected.is_whole ? "its play came to its end there"
                             : "'agent resume " + collected.run + "' goes on with it");
}

}  // namespace agent::cli
