#pragma once

#include <memory>
#include <vector>

#include <agent/cli/collected_runs.hpp>
#include <agent/cli/configuration.hpp>
#include <agent/cli/continuation.hpp>
#include <agent/cli/expected.hpp>
#include <agent/cli/installation.hpp>
#include <agent/cli/inventory_hosts.hpp>
#include <agent/cli/machine_claim.hpp>
#include <agent/cli/reports.hpp>
#include <agent/cli/run_options.hpp>
#include <agent/cli/session_machines.hpp>
#include <agent/cli/session_services.hpp>
#include <agent/cli/terminal.hpp>
#include <agent/executor/world.hpp>
#include <agent/fleet/kept_logins.hpp>
#include <agent/history/recording.hpp>
#include <agent/playbook/lint.hpp>
#include <agent/playbook/loader.hpp>
#include <agent/template/engine.hpp>

namespace agent::cli {

/// All that a run needs, put together from the command line: modules, templates, playbooks, hosts, machines, reports.
class Session {
 public:
  explicit Session(const RunOptions& options);
  ~Session();

  /// Reads the playbooks and looks for every mistake that can be known now.
  Problems load(bool unknown_module_is_error);
  /// The same, and says all of them on the standard error; false when one of them keeps the run from starting.
  bool load_and_say(bool unknown_module_is_error);
  /// Runs them. Returns the exit code of DESIGN.md 6.
  int run();

  const std::vector<Playbook>& playbooks() const { return playbooks_; }
  executor::Hosts& hosts() { return *hosts_; }
  executor::World& world() { return *world_; }
  const ModuleIndex& modules() const { return *index_; }
  const Installation& installation() const { return installation_; }
  /// The files that playbooks are made of, and those they name.
  RecordedFiles& files() { return files_; }

 private:
  LintOptions lint_options(bool unknown_module_is_error) const;
  std::optional<std::string> password(const Identity& identity);
  /// Writes what is written at the end, and keeps the run in the history. False, and said, when a report is lost.
  bool finish();
  /// Keeps what another controller would need to go on with the run; `stop_leading` forgets it where nothing is left.
  /// Throws Error for a run that cannot be gone on with.
  void lead();
  void stop_leading();
  std::unique_ptr<SessionMachines> make_machines(std::optional<wall::Tier> least_wall, const std::string& run,
                                                 bool is_for_others);

  const RunOptions& options_;
  Configuration configuration_;
  Installation installation_;
  std::unique_ptr<ModuleIndex> index_;
  Terminal terminal_;
  SessionServices services_;
  std::unique_ptr<jinja::Engine> engine_;
  RecordedFiles files_{local_files()};
  std::unique_ptr<PlaybookLoader> loader_;
  std::unique_ptr<InventoryHosts> hosts_;
  CollectedRuns collected_;
  std::shared_ptr<fleet::KeptLogins> kept_logins_;
  std::optional<MachineClaim> claim_;
  std::unique_ptr<SessionMachines> machines_;
  std::unique_ptr<Reports> reports_;
  history::Recording* recording_ = nullptr;  // one of the reports
  std::optional<Expected> expected_;
  std::optional<Continuation> continuation_;
  std::unique_ptr<executor::World> world_;
  std::vector<Playbook> playbooks_;
  std::optional<std::string> become_password_;
  std::string key_;  ///< of the run's journals
  Fd led_;
};

}  // namespace agent::cli
