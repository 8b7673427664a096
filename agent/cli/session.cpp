#include <algorithm>
#include <iostream>

#include <agent/cli/bundle_signature.hpp>
#include <agent/cli/interrupts.hpp>
#include <agent/cli/limit.hpp>
#include <agent/cli/lint_output.hpp>
#include <agent/cli/past_runs.hpp>
#include <agent/cli/run_end.hpp>
#include <agent/cli/run_identity.hpp>
#include <agent/cli/session.hpp>
#include <agent/executor/directives.hpp>
#include <agent/executor/run.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/host/process.hpp>
#include <agent/playbook/lint.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::cli {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

PlaybookLoader::Options loader_options(const jinja::Engine& engine, const ModuleIndex& modules, const Map& extra_vars,
                                       const Configuration& configuration, const Files& files) {
  PlaybookLoader::Options out;
  out.knows_module = [&modules](const std::string& name) {
    return modules.find(name) || executor::find_directive(name) || name == "import_tasks" || name == "import_role";
  };
  out.roles_path = configuration.paths("defaults", "roles_path");
  if (const char* home = std::getenv("HOME")) out.roles_path.push_back(Path(home) / ".ansible/roles");
  out.roles_path.emplace_back("/usr/share/ansible/roles");
  out.roles_path.emplace_back("/etc/ansible/roles");
  out.extra_vars = extra_vars;
  out.files = &files;
  out.render = [&engine](const Value& text, const Map& variables) {
    return engine.render(text, jinja::MapScope(variables));
  };
  return out;
}

/// What was given, else what the configuration says; nothing means this machine alone.
Strings inventory_sources(const Strings& given, const Configuration& configuration) {
  if (!given.empty()) return given;
  const std::string configured = configuration.text("defaults", "inventory").value_or("");
  if (configured.find(',') != std::string::npos && configured.find('/') == std::string::npos) return {configured};
  Strings out;
  for (std::size_t at = 0; at < configured.size();) {
    const auto end = std::min(configured.find(',', at), configured.size());
    Path path(configured.substr(at, end - at));
    if (path.is_relative() && !configuration.file().empty()) path = configuration.file().parent_path() / path;
    std::error_code error;
    if (std::filesystem::exists(path, error)) out.push_back(path.string());
    at = end + 1;
  }
  return out;
}

/// What the configuration says where the command line says nothing.
void fill_in(executor::Options& options, const RunOptions& given, const Configuration& configuration) {
  if (!given.forks_given)
    options.forks = static_cast<std::size_t>(std::max(1L, configuration.number("defaults", "forks").value_or(32)));
  if (given.connect_retries < 0)
    for (const char* section : {"ssh_connection", "connection"})
      if (const auto retries = configuration.number(section, "retries"); retries && options.connect_retries.empty())
        options.connect_retries = std::to_string(*retries);
  options.force_handlers |= configuration.flag("defaults", "force_handlers").value_or(false);
  options.diff |= configuration.flag("diff", "always").value_or(false);
  if (!options.become) options.become = configuration.flag("privilege_escalation", "become");
  if (options.become_user.empty())
    options.become_user = configuration.text("privilege_escalation", "become_user").value_or("");
  if (options.become_method.empty())
    options.become_method = configuration.text("privilege_escalation", "become_method").value_or("");
}

/// Whether some host of the inventory is not this machine, as far as that can be told before its play.
bool has_remote_hosts(const InventoryHosts& hosts, const executor::Options& options) {
  if (options.connection == "local") return false;
  const auto is_local = [&](const std::string& host) {
    const auto layers = hosts.variables(host);
    return std::any_of(layers.begin(), layers.end(), [](const executor::VariableLayer& layer) {
      const Value* connection = layer.variables.find("ansible_connection");
      return connection && *connection == Value("local");
    });
  };
  const Strings all = hosts.match("all");
  return !std::all_of(all.begin(), all.end(), is_local);
}

// A check that cannot keep its promise does not begin. Hosts over SSH have walls of their own, no weaker than `least`:
// with them this machine's counts only once a task runs here, which is refused then.
wall::Tier look_at_wall(const RunOptions& options, executor::Options& wanted, bool has_remote) {
  const auto least = wall::tier_named(options.wall).value_or(wall::Tier::full);
  wanted.wall = wall::name_of(least);
  try {
    std::optional<wall::Scratch> scratch;
    if (wall::needs_scratch(least)) scratch.emplace();
    const wall::Wall built = wall::probe({.least = least, .scratch = scratch ? scratch->path() : Path()});
    wanted.wall = wall::name_of(built.tier);
    wanted.wall_gaps = built.gaps;
  } catch (const Error&) {
    if (!has_remote) throw;
  }
  return least;
}

}  // namespace

Session::Session(const RunOptions& options)
    : options_(options),
      configuration_(Configuration::find(own_environment(), std::filesystem::current_path())),
      installation_(Installation::find()) {
  options.refuse_what_is_not_there();
  executor::Options wanted = options.executor_options();
  fill_in(wanted, options, configuration_);
  if (!configuration_.refused().empty())
    std::cerr << report::diagnostic(
        Error("'" + configuration_.refused().string() + "' is not read: others may write to it"), "warning");
  index_ = installation_.index();
  engine_ = std::make_unique<jinja::Engine>(services_);
  loader_ =
      std::make_unique<PlaybookLoader>(loader_options(*engine_, *index_, wanted.extra_vars, configuration_, files_));
  const Path directory = options.playbooks.empty() ? std::filesystem::current_path()
                                                   : std::filesystem::absolute(options.playbooks.front()).parent_path();
  hosts_ = std::make_unique<InventoryHosts>(inventory_sources(options.inventories, configuration_), directory,
                                            limit_of(options.limit, options.playbooks, past_runs));
  services_.know(*hosts_);
  std::optional<wall::Tier> least_wall;
  const bool is_for_others = has_remote_hosts(*hosts_, wanted);
  if (is_for_others) allow_many_connections();
  if (wanted.check) least_wall = look_at_wall(options, wanted, is_for_others);
  wanted.run = options.going_on ? options.going_on->run.run : fresh_run_name();
  key_ = options.going_on ? fleet::from_hex(options.going_on->run.key) : fleet::random_key();
  machines_ = make_machines(least_wall, wanted.run, is_for_others);
  if (!options.expect.empty()) expected_.emplace(options.expect, options.expect_key);
  reports_ = std::make_unique<Reports>(Reports::Wanted{options.formats, options.outputs, options.verbosity, wanted.diff,
                                                       options.diff_lines, options.emit.empty() ? options.sign : ""});
  if (!options.become_password_file.empty()) become_password_ = first_line(yaml::load(options.become_password_file));
  if (options.going_on) continuation_.emplace(options.going_on->before, reports_->sink());
  // From here on Ctrl-C ends a question instead of the program, which would leave the terminal without its echo.
  const auto& interrupted = watch_interrupts();
  if (!options.connection_password_file.empty())
    wanted.login_password = first_line(yaml::load(options.connection_password_file));
  if (options.ask_password) wanted.login_password = terminal_.ask("SSH password:", false).value_or("");
  if (options.ask_become_password) become_password_ = terminal_.ask("BECOME password:", false);
  world_.reset(new executor::World{*index_,
                                   *engine_,
                                   *loader_,
                                   *hosts_,
                                   *machines_,
                                   terminal_,
                                   continuation_ ? *continuation_ : reports_->sink(),
                                   std::move(wanted),
                                   interrupted,
                                   {},
                                   {},
                                   {}});
  world_->recorded = &files_;
  world_->services = &services_;
}

Session::~Session() {
  // Whose lines may have something to say up to their end, when everything else must still be there.
  machines_.reset();
}

std::unique_ptr<SessionMachines> Session::make_machines(std::optional<wall::Tier> least_wall, const std::string& run,
                                                        bool is_for_others) {
  const auto ask = [this](const Identity& identity) { return password(identity); };
  fleet::Terms terms;
  terms.host_keys = options_.accept_new_host_keys ? fleet::HostKeys::accept_new : fleet::HostKeys::known;
  terms.least_wall = least_wall;
  terms.password = ask;
  terms.run = run;
  if (!least_wall) terms.key = key_;
  if (!least_wall && keeps_history(options_.history, true)) {
    terms.key_of = [this](const std::string& other) { return collected_.key_of(other); };
    terms.collected = [this](const fleet::CollectedRun& other) {
      reports_->sink().on(event::Warning{collected_.keep(other), {}, {}});
    };
  }
  if (options_.going_on) terms.journal = options_.going_on->mode;
  terms.wait = std::chrono::seconds(options_.wait);
  terms.patience = std::chrono::seconds(options_.reconnect);
  terms.kept = kept_logins_ =
      std::make_shared<fleet::KeptLogins>(least_wall ? fleet::KeptLogins::Use::take : fleet::KeptLogins::Use::make);
  terms.tell = [this](const std::string& text) { reports_->sink().on(event::Warning{text, {}, {}}); };
  terms.interrupted = &watch_interrupts();
  if (options_.verbosity > 0)
    terms.tell_more = [this](const std::string& text) { reports_->sink().on(event::Notice{text}); };
  const auto bundle = [this] {
    auto whole = std::make_unique<fleet::Bundle>(installation_.executable, fleet::bundle_cache());
    if (!options_.bundle_key.empty())
      require_signed_and_no_older(*whole, installation_.share, options_.bundle_key, options_.allow_older_agent);
    return whole;
  };
  // Where other machines are brought to their state, what is done here as well is done for them: two fleets may be led
  // from one machine at the same time.
  std::function<void()> before_work;
  if (!least_wall && !is_for_others) {
    claim_.emplace(MachineClaim::Terms{installation_.executable, run, terms.wait, terms.tell,
                                       [] { return watch_interrupts().load(); }});
    before_work = [this] { claim_->take(); };
  }
  return std::make_unique<SessionMachines>(
      std::make_unique<LocalMachine>(installation_, *index_, least_wall, ask, std::move(before_work)),
      std::make_unique<fleet::Machines>(bundle, std::move(terms)));
}

std::optional<std::string> Session::password(const Identity&) {
  return become_password_;
}

LintOptions Session::lint_options(bool unknown_module_is_error) const {
  LintOptions out;
  out.find_spec = [this](const std::string& name) -> const Spec* {
    if (const auto* entry = index_->find(name)) return &entry->spec;
    return executor::find_directive(name);
  };
  out.module_names = index_->names();
  for (const auto& spec : executor::directive_specs()) out.module_names.push_back(spec.name);
  out.unknown_module_is_error = unknown_module_is_error;
  out.engine = engine_.get();
  for (const auto& [name, value] : world_->options.extra_vars) out.variables.push_back(name);
  for (const auto& host : hosts_->match("all"))
    for (const auto& layer : hosts_->variables(host))
      for (const auto& [name, value] : layer.variables) out.variables.push_back(name);
  return out;
}

Problems Session::load(bool unknown_module_is_error) {
  Problems problems;
  for (const auto& file : options_.playbooks) playbooks_.push_back(loader_->load(file, problems));
  const LintOptions looking = lint_options(unknown_module_is_error);
  for (const auto& playbook : playbooks_) lint(playbook, *loader_, looking, problems);
  problems.sort();
  return problems;
}

bool Session::load_and_say(bool unknown_module_is_error) {
  const Problems problems = load(unknown_module_is_error);
  for (const auto& warning : hosts_->inventory().warnings()) std::cerr << report::diagnostic(warning, "warning");
  write_text(std::cerr, problems);
  return !problems.has_errors();
}

bool Session::finish() {
  // A check of this machine leaves nothing on it, the history included.
  const bool is_kept = keeps_history(options_.history, !world_->options.check || !machines_->used_this_one());
  return cli::finish(*reports_, is_kept ? recording_ : nullptr, continuation_ ? &*continuation_ : nullptr);
}

int Session::run() {
  executor::Options& options = world_->options;
  options.playbook_hash = loader_->fingerprint();
  options.inventory_hash = fingerprint(*hosts_);
  if (expected_) {
    expected_->require_same(options.playbook_hash);
    world_->approval = &expected_->approval();
  }
  lead();
  auto recording = std::make_unique<history::Recording>();
  recording_ = recording.get();
  reports_->add(std::move(recording));
  event::Recap recap;
  try {
    recap = executor::Run(*world_).run(playbooks_);
  } catch (const Error&) {
    finish();
    throw;
  }
  const bool all_written = finish();
  stop_leading();
  // What was changed may be what a login gives: groups, limits, the environment.
  std::vector<std::string> changed;
  for (const auto& [host, counts] : recap.hosts)
    if (!recap.check && counts.changed > 0) changed.push_back(host);
  kept_logins_->forget(changed);
  const bool was_busy = machines_->was_busy() || (claim_ && claim_->was_busy());
  return static_cast<int>(ending(*world_, recap, was_busy, all_written));
}

}  // namespace agent::cli
