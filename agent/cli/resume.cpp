#include <algorithm>
#include <filesystem>
#include <memory>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/led_runs.hpp>
#include <agent/cli/past_runs.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/session.hpp>
#include <agent/fleet/protocol.hpp>

namespace agent::cli {
namespace {

struct Asked {
  std::string run;
  Strings formats, outputs;
  int verbosity = 0;
  bool ask_become_password = false;
};

/// By its name, or as the history calls it.
std::string name_of_run(const std::string& what, const LedRuns& kept) {
  const Strings names = kept.list();
  if (std::find(names.begin(), names.end(), what) != names.end()) return what;
  if (!what.empty()) {
    const bool is_name = what.size() > 8 && what.find('-') == 8;
    return is_name ? what : past_runs().find(what).about.name;
  }
  Error error("which run is to be gone on with?");
  if (names.empty()) throw std::move(error).hint("none is kept that did not come to its end on all hosts");
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  throw std::move(error).hint("kept are " + list);
}

/// What the history has of it; nothing when its controller was killed.
history::WholeRun told_before(const std::string& run) {
  for (const auto& one : past_runs().list(1000))
    if (one.name == run) return past_runs().find(run);
  return {};
}

/// The hosts that did not come to the end; empty: that is not known, and all take part.
Strings unfinished(const history::WholeRun& before) {
  const event::Recap* recap = nullptr;
  for (const auto& [when, event] : before.events)
    if (const auto* found = std::get_if<event::Recap>(&event)) recap = found;
  if (!recap || recap->interrupted) return {};
  Strings out;
  for (const auto& [host, counts] : recap->hosts)
    if (counts.failed > 0 || counts.unreachable > 0) out.push_back(host);
  if (out.empty())
    throw Error("run " + before.about.name + " came to its end on all hosts: there is nothing to go on with");
  return out;
}

RunOptions options_of(const LedRun& led) {
  RunOptions options;
  CLI::App command;
  options.add_to(command);
  // The parser takes them from the back; the first is the word `run`.
  Strings words(led.words.rbegin(), led.words.rend());
  words.pop_back();
  try {
    command.parse(words);
  } catch (const CLI::ParseError& error) {
    throw Error("the command line of run " + led.run + " is none that this agent knows: " + error.what());
  }
  return options;
}

int go_on(const Asked& asked, const char* mode) {
  const LedRuns kept = LedRuns::of_this_user();
  const LedRun led = kept.find(name_of_run(asked.run, kept));
  // Relative paths mean what they meant.
  std::error_code gone;
  std::filesystem::current_path(led.directory, gone);
  if (gone)
    throw Error("the folder where run " + led.run + " was begun is not there: '" + led.directory.string() + "'");
  RunOptions options = options_of(led);
  options.formats = asked.formats;
  options.outputs = asked.outputs;
  options.verbosity = asked.verbosity;
  options.ask_become_password |= asked.ask_become_password;
  history::WholeRun before = told_before(led.run);
  if (const Strings hosts = unfinished(before); !hosts.empty()) {
    options.limit.clear();
    for (const auto& host : hosts) options.limit += (options.limit.empty() ? "" : ",") + host;
  }
  options.going_on = GoingOn{led, mode, std::move(before)};
  Session session(options);
  if (!session.load_and_say(false)) return static_cast<int>(ExitCode::wrong_input);
  return session.run();
}

void add(const Program& program, const std::string& name, const std::string& help, const char* mode) {
  program.add(name, help, [mode](CLI::App& command) {
    auto asked = std::make_shared<Asked>();
    command.add_option("run", asked->run, "the run's name, or its number in 'agent history'")->type_name("RUN");
    command.add_flag("-v,--verbose", asked->verbosity, "say more; up to -vvvv");
    command.add_flag("-K,--ask-become-pass", asked->ask_become_password, "ask for the password to become");
    command.add_option("--format", asked->formats, "text, jsonl, json, junit, html or prometheus")
        ->check(CLI::IsMember(report_formats()))
        ->allow_extra_args(false);
    command.add_option("--output", asked->outputs, "write the report of the --format before it to this file")
        ->allow_extra_args(false);
    return [asked, mode] { return go_on(*asked, mode); };
  });
}

}  // namespace

void add_resume(const Program& program) {
  add(program, "resume", "Goes on with a run that was broken off, at the first task that is not journalled as done.",
      fleet::protocol::resume);
}

void add_attach(const Program& program) {
  add(program, "attach", "Takes up a run whose controller died: goes on where it still runs, collects what is done.",
      fleet::protocol::collect);
}

}  // namespace agent::cli
