#include <algorithm>
#include <iostream>

#include <agent/cli/history_file.hpp>
#include <agent/cli/run_end.hpp>
#include <agent/history/store.hpp>
#include <agent/host/process.hpp>
#include <agent/report/diagnostic.hpp>

namespace agent::cli {

bool keeps_history(const std::optional<bool>& said, bool otherwise) {
  if (said) return *said;
  const Environment environment = own_environment();
  if (const auto found = environment.find("AGENT_HISTORY"); found != environment.end() && !found->second.empty())
    return found->second != "no";
  return otherwise;
}

bool finish(Reports& reports, history::Recording* kept, const Continuation* continuation) {
  bool all_written = true;
  try {
    reports.finish();
  } catch (const Error& error) {
    std::cerr << report::diagnostic(error);
    all_written = false;
  }
  if (!kept) return all_written;
  try {
    const auto file = history_file(own_environment());
    if (!file) throw Error("the history has no place: neither XDG_STATE_HOME nor HOME is set");
    history::Store(*file, history::Store::Use::writing)
        .add(continuation ? continuation->with(kept->run()) : kept->run());
  } catch (const Error& error) {
    std::cerr << report::diagnostic(Error(error).hint("--no-history does without"), "warning");
  }
  return all_written;
}

ExitCode ending(const executor::World& world, const event::Recap& recap, bool was_busy, bool all_written) {
  // The hosts' state and not their counts: `meta: clear_host_errors` takes a failure back.
  const auto any = [&](auto&& holds) {
    return std::any_of(world.states.begin(), world.states.end(), [&](const auto& one) { return holds(*one.second); });
  };
  if (recap.interrupted) return ExitCode::interrupted;
  if (any([](const executor::HostState& host) { return host.failed; })) return ExitCode::failed;
  if (any([](const executor::HostState& host) { return host.unreachable; }))
    return was_busy ? ExitCode::busy : ExitCode::unreachable;
  // Something was done, and nobody can read what: that is no success.
  return all_written ? ExitCode::fine : ExitCode::failed;
}

bool shows_drift(const executor::World& world) {
  return std::any_of(world.states.begin(), world.states.end(), [](const auto& state) {
    return state.second->counts.changed > 0 || state.second->counts.unknown > 0;
  });
}

}  // namespace agent::cli
