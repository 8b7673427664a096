// What is kept of a run on other machines while it is led, so that another controller can go on with it.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <agent/cli/run_end.hpp>
#include <agent/cli/session.hpp>
#include <agent/executor/luggage.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/report/clock.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/sdk/checksum.hpp>

namespace agent::cli {

void Session::lead() {
  executor::Options& options = world_->options;
  if (options_.going_on) {
    const LedRun& run = options_.going_on->run;
    if (options.playbook_hash != run.playbook_hash)
      throw Error("the playbook is another than when run " + run.run + " began: it cannot be gone on with")
          .hint("'agent run' begins anew, and finds out what is left to do");
    led_ = LedRuns::of_this_user().lead(run);
    return;
  }
  if (options.check || !executor::Luggage::is_of_use(*world_) || !keeps_history(options_.history, true)) return;
  try {
    LedRun run{options.run, hexadecimal(key_), options_.words, std::filesystem::current_path(), options.playbook_hash};
    run.started = report::seconds_of(std::chrono::system_clock::now());
    led_ = LedRuns::of_this_user().lead(run);
  } catch (const Error& error) {
    std::cerr << report::diagnostic(Error(error).hint("this run could not be resumed"), "warning");
  }
}

void Session::stop_leading() {
  if (!led_) return;
  const auto& states = world_->states;
  const auto any = [&](auto is_so) { return std::any_of(states.begin(), states.end(), is_so); };
  const bool broke_off = world_->interrupted || any([](const auto& one) { return one.second->unreachable; });
  const bool has_failed = any([](const auto& one) { return one.second->failed; });
  if (broke_off)
    std::cerr << "'agent resume " << world_->options.run << "' goes on with this run where it was broken off\n";
  else if (!has_failed)
    LedRuns::of_this_user().remove(world_->options.run);
  led_.reset();
}

}  // namespace agent::cli
