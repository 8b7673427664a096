#include <iostream>
#include <memory>

#include <agent/cli/configuration.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/history_file.hpp>
#include <agent/cli/history_text.hpp>
#include <agent/cli/past_runs.hpp>
#include <agent/cli/program.hpp>
#include <agent/host/process.hpp>
#include <agent/report/differences_text.hpp>

namespace agent::cli {

history::Store past_runs() {
  const auto file = history_file(own_environment());
  if (!file) throw Error("there is no history: neither XDG_STATE_HOME nor HOME is set");
  return {*file, history::Store::Use::reading};
}

report::Record record_of(const history::WholeRun& run) {
  report::Recorder recorder;
  for (const auto& [when, event] : run.events) recorder.hear(event, when);
  return recorder.record();
}

namespace {

struct Asked {
  int most = 20;
  std::string run = "last", then = "last-1", now = "last";
  bool all_hosts = false;
};

int list(const Asked& asked) {
  const auto runs = past_runs().list(asked.most);
  if (runs.empty())
    std::cout << "no run is in the history yet\n";
  else
    std::cout << history_table(runs);
  return static_cast<int>(ExitCode::fine);
}

int show(const Asked& asked) {
  const history::WholeRun run = past_runs().find(asked.run);
  const auto found = report::differences(record_of(run));
  std::cout << history_line(run.about) << "\n\n";
  std::cout << (found.empty() ? std::string("nothing was different\n")
                              : report::differences_text(found, asked.all_hosts));
  std::cout << "\nthe whole of it: agent report " << run.about.number << '\n';
  return static_cast<int>(ExitCode::fine);
}

int diff(const Asked& asked) {
  const history::Store store = past_runs();
  const history::WholeRun then = store.find(asked.then), now = store.find(asked.now);
  const report::Drift drift = report::drift_between(record_of(then), record_of(now));
  std::cout << "from " << history_line(then.about) << "\n  to " << history_line(now.about) << '\n';
  if (!drift.since.empty()) std::cout << "\ndrifted since:\n" << report::differences_text(drift.since, asked.all_hosts);
  if (!drift.gone.empty()) std::cout << "\nno longer:\n" << report::differences_text(drift.gone, asked.all_hosts);
  if (!drift.new_hosts.empty())
    std::cout << "\nonly in the later run: " << report::hosts_text(drift.new_hosts, asked.all_hosts) << '\n';
  if (!drift.missing_hosts.empty())
    std::cout << "\nonly in the earlier run: " << report::hosts_text(drift.missing_hosts, asked.all_hosts) << '\n';
  if (drift.since.empty() && drift.gone.empty()) std::cout << "\nnothing drifted\n";
  return static_cast<int>(drift.since.empty() ? ExitCode::fine : ExitCode::drift);
}

constexpr const char* which = "a run's number or name; 'last' is the newest, 'last-1' the one before it";

}  // namespace

void add_history(const Program& program) {
  program.add("history", "Lists the runs of the past, and what drifted between them.", [](CLI::App& command) {
    auto asked = std::make_shared<Asked>();
    auto chosen = std::make_shared<int (*)(const Asked&)>(list);
    command.add_option("-n,--number", asked->most, "how many, the newest first")->capture_default_str();
    command.require_subcommand(0, 1);
    CLI::App* one = command.add_subcommand("show", "What was different in one run, equal hosts together.");
    one->add_option("run", asked->run, which)->capture_default_str();
    one->add_flag("--all-hosts", asked->all_hosts, "name every host");
    one->callback([chosen] { *chosen = show; });
    CLI::App* two = command.add_subcommand("diff",
                                           "What drifted from one run to another, and on which hosts; exit code 3 "
                                           "when something did.");
    two->add_option("then", asked->then, which)->capture_default_str();
    two->add_option("now", asked->now, which)->capture_default_str();
    two->add_flag("--all-hosts", asked->all_hosts, "name every host");
    two->callback([chosen] { *chosen = diff; });
    return [asked, chosen] { return (*chosen)(*asked); };
  });
}

}  // namespace agent::cli
