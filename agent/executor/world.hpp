#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <agent/executor/approval.hpp>
#include <agent/executor/environment.hpp>
#include <agent/executor/host_state.hpp>
#include <agent/executor/tags.hpp>
#include <agent/playbook/loader.hpp>
#include <agent/sdk/index.hpp>
#include <agent/template/engine.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// What the command line says about a run.
struct Options {
  bool check = false;
  /// In a check: what keeps it from changing the machine ("full", "landlock", "none"), and what that does not hold
  /// back.
  std::string wall;
  Strings wall_gaps;
  bool strict = false;  ///< in a check: what was observed before predicted changes counts as unknown
  bool diff = false;
  bool force_handlers = false;
  bool step = false;  ///< ask before each task
  TagSelection tags;
  Map extra_vars;
  std::size_t forks = 32;
  int verbosity = 0;
  std::optional<bool> become;
  std::string become_user, become_method, connection, remote_user;
  std::string login_password;  ///< never sent anywhere but to ssh
  std::string private_key, connect_timeout, connect_retries, ssh_common_arguments, ssh_extra_arguments;
  std::string start_at_task;
  std::string limit;
  std::string version;
  /// What the report of the run says about it at its start (event::RunStarted).
  std::string run, playbook_hash, inventory_hash;
};

/// Everything a run of playbooks works with, and what it learns of each host on the way.
struct World {
  const ModuleIndex& modules;
  const jinja::Engine& engine;
  PlaybookLoader& loader;
  Hosts& hosts;
  Machines& machines;
  Console& console;
  EventSink& events;
  Options options;
  const std::atomic<bool>& interrupted;
  std::mutex loader_mutex;
  std::mutex states_mutex;
  std::map<std::string, std::unique_ptr<HostState>> states;

  /// What a check has shown and a person has approved: nothing else is done. Null: everything may be done.
  const Approval* approval = nullptr;
  /// The loader's files, where plays may be sent to machines: what they take along. Null: plays stay here.
  const RecordedFiles* recorded = nullptr;
  /// What the engine asks of this machine; with `recorded`.
  const jinja::Services* services = nullptr;

  /// The state of a host, made when it is asked for first.
  HostState& state_of(const std::string& host);
};

}  // namespace agent::executor
