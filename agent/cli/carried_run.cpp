#include <algorithm>
#include <iostream>

#include <agent/cli/carried_run.hpp>
#include <agent/cli/interrupts.hpp>
#include <agent/cli/local_machine.hpp>
#include <agent/cli/machine_claim.hpp>
#include <agent/cli/run_end.hpp>
#include <agent/cli/run_identity.hpp>
#include <agent/cli/terminal.hpp>
#include <agent/executor/directives.hpp>
#include <agent/executor/run.hpp>
#include <agent/fleet/connection.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/tree_check.hpp>
#include <agent/host/process.hpp>
#include <agent/parcel/carried.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::cli {
namespace {

/// All that the plays of a parcel need on the machine that they are for.
class CarriedRun {
 public:
  CarriedRun(const parcel::Parcel& parcel, const CarriedOptions& options)
      : options_(options),
        installation_(Installation::find()),
        index_(installation_.index()),
        host_(
            parcel::value_in(parcel, "host " + parcel::host_in(parcel.manifest(), options.host, parcel::own_names()))),
        plays_(parcel::value_in(parcel, "plays")),
        services_(plays_),
        engine_(services_),
        loader_(std::nullopt) {
    executor::Options wanted = fleet::protocol::options_from(plays_["options"]);
    wanted.check |= options.check;
    wanted.diff |= options.diff;
    wanted.verbosity = std::max(wanted.verbosity, options.verbosity);
    wanted.connection = "local";
    wanted.limit = "";
    wanted.version = AGENT_VERSION;
    wanted.run = fresh_run_name();
    loader_.emplace(loading());
    std::optional<wall::Tier> least;
    if (wanted.check) least = look_at_wall(wanted);
    if (!options.become_password_file.empty()) {
      const std::string text = yaml::load(options.become_password_file);
      password_ = text.substr(0, text.find_first_of("\r\n"));
    }
    reports_ = std::make_unique<Reports>(
        Reports::Wanted{options.formats, options.outputs, wanted.verbosity, wanted.diff, options.diff_lines, ""});
    const auto& interrupted = watch_interrupts();
    if (options.ask_become_password) password_ = terminal_.ask("BECOME password:", false);
    machine_ =
        std::make_unique<LocalMachine>(installation_, *index_, least, [this](const Identity&) { return password_; });
    world_.reset(new executor::World{*index_,
                                     engine_,
                                     *loader_,
                                     host_,
                                     *machine_,
                                     terminal_,
                                     reports_->sink(),
                                     std::move(wanted),
                                     interrupted,
                                     {},
                                     {},
                                     {}});
  }

  int run() {
    Problems problems;
    for (const auto& file : strings_from(plays_["playbooks"])) playbooks_.push_back(loader_->load(file, problems));
    executor::Options& wanted = world_->options;
    wanted.playbook_hash = loader_->fingerprint();
    wanted.inventory_hash = fingerprint(host_);
    MachineClaim claim({installation_.executable, wanted.run, std::chrono::seconds(options_.wait),
                        [this](const std::string& text) {
                          reports_->sink().on(event::Warning{text, {}, {}});
                        },
                        [this] { return world_->interrupted.load(); }});
    if (!wanted.check && !take(claim)) return static_cast<int>(ExitCode::busy);
    auto recording = std::make_unique<history::Recording>();
    history::Recording* const kept = keeps_history(options_.history, !wanted.check) ? recording.get() : nullptr;
    reports_->add(std::move(recording));
    event::Recap recap;
    try {
      recap = executor::Run(*world_).run(playbooks_);
    } catch (const Error&) {
      finish(*reports_, kept);
      throw;
    }
    const ExitCode code = ending(*world_, recap, false, finish(*reports_, kept));
    const bool drifts = wanted.check && code == ExitCode::fine && shows_drift(*world_);
    return static_cast<int>(drifts ? ExitCode::drift : code);
  }

 private:
  PlaybookLoader::Options loading() {
    PlaybookLoader::Options out;
    out.knows_module = [this](const std::string& name) {
      return index_->find(name) || executor::find_directive(name) || name == "import_tasks" || name == "import_role";
    };
    for (const auto& path : strings_from(plays_["roles_path"])) out.roles_path.emplace_back(path);
    out.extra_vars = fleet::protocol::options_from(plays_["options"]).extra_vars;
    out.files = &services_.files();
    out.render = [this](const Value& text, const Map& variables) {
      return engine_.render(text, jinja::MapScope(variables));
    };
    return out;
  }

  wall::Tier look_at_wall(executor::Options& wanted) const {
    const auto least = wall::tier_named(options_.wall).value_or(wall::Tier::full);
    std::optional<wall::Scratch> scratch;
    if (wall::needs_scratch(least)) scratch.emplace();
    const wall::Wall built = wall::probe({.least = least, .scratch = scratch ? scratch->path() : Path()});
    wanted.wall = wall::name_of(built.tier);
    wanted.wall_gaps = built.gaps;
    return least;
  }

  bool take(MachineClaim& claim) {
    try {
      claim.take();
      return true;
    } catch (const fleet::Busy& busy) {
      std::cerr << report::diagnostic(busy);
      return false;
    }
  }

  const CarriedOptions& options_;
  Installation installation_;
  std::unique_ptr<ModuleIndex> index_;
  parcel::CarriedHost host_;
  Value plays_;
  parcel::CarriedServices services_;
  jinja::Engine engine_;
  std::optional<PlaybookLoader> loader_;
  Terminal terminal_;
  std::optional<std::string> password_;
  std::unique_ptr<Reports> reports_;
  std::unique_ptr<LocalMachine> machine_;
  std::unique_ptr<executor::World> world_;
  std::vector<Playbook> playbooks_;
};

}  // namespace

void CarriedOptions::add_to(CLI::App& c) {
  c.add_option("--host", host, "who this machine is, where its name does not say so");
  c.add_option("--public-key", public_key, "do only what this Ed25519 key (PEM) has signed")->type_name("KEY");
  c.add_flag("-C,--check", check, "change nothing: say what would be; exit code 3 when something would");
  c.add_option("--wall", wall, "in a check: the weakest wall that is good enough (docs/check-mode.md)")
      ->check(CLI::IsMember({"full", "landlock", "none"}));
  c.add_flag("-D,--diff", diff, "show how texts change");
  c.add_option("--diff-lines", diff_lines, "of a change shown by --diff; 0: all")->capture_default_str();
  c.add_flag("-K,--ask-become-pass", ask_become_password, "ask for the password to become");
  c.add_option("--become-password-file", become_password_file, "the file that holds it");
  c.add_option("--wait", wait, "seconds to wait where another run works on this machine; exit code 75 then")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  c.add_flag("-v,--verbose", verbosity, "say more; up to -vvvv");
  c.add_option("--format", formats, "text, jsonl, json, junit, html or prometheus")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(report_formats()));
  c.add_option("--output", outputs, "write the report of the --format before it to this file")->allow_extra_args(false);
  c.add_flag_callback(
      "--history", [this] { history = true; }, "keep the run in the history, also a check");
  c.add_flag_callback(
      "--no-history", [this] { history = false; }, "keep it out of the history");
}

int run_carried(const parcel::Parcel& parcel, const CarriedOptions& options) {
  const Path tree = Installation::find().executable.parent_path().parent_path();
  if (const auto wrong = fleet::look_at_tree(tree).wrong) {
    fleet::discard_tree(tree);
    throw Error("the agent that was kept here was changed: " + *wrong + "; it was removed, and nothing was started")
        .hint("'sh FILE' unpacks it anew");
  }
  return CarriedRun(parcel, options).run();
}

}  // namespace agent::cli
