#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <agent/cli/led_runs.hpp>
#include <agent/executor/world.hpp>
#include <agent/history/run.hpp>

namespace agent::cli {

/// A run that is not begun but gone on with (`agent resume`, `agent attach`).
struct GoingOn {
  LedRun run;
  std::string mode;          ///< what is done with its journals, a word of fleet/protocol.hpp
  history::WholeRun before;  ///< what the history has of it
};

/// What `agent run` and `agent check` take: ansible-playbook's flags with their meaning.
struct RunOptions {
  Strings playbooks, inventories, tags, skip_tags, extra_vars, formats, outputs, module_paths;
  std::string limit, user, connection, become_user, become_method, private_key, become_password_file, start_at_task;
  Strings vault_ids, ssh_common_arguments, ssh_extra_arguments, passed_over;
  std::string wall = "full";
  int reconnect = 120, wait = 60;
  bool wall_self_test = false, accept_new_host_keys = false;
  std::string vault_password_file, connection_password_file;
  std::size_t diff_lines = 400;
  bool check = false, diff = false, become = false, ask_become_password = false, ask_password = false,
       ask_vault = false;
  bool step = false, list_tasks = false, list_tags = false, list_hosts = false, syntax_check = false;
  bool flush_cache = false, force_handlers = false;
  int verbosity = 0, timeout = 0, connect_retries = -1;
  std::string expect, expect_key, sign;
  std::string bundle_key;
  bool allow_older_agent = false;
  std::string emit;  ///< of `agent run` alone, as what follows
  bool emit_secrets = false;
  bool strict = false;
  std::optional<bool> history;  ///< said with --history or --no-history
  std::size_t forks = 32;
  bool forks_given = false;
  Strings words;  ///< the command line as it was given, without the program
  std::optional<GoingOn> going_on;

  void add_to(CLI::App& command);
  /// Throws Error for what is understood but cannot be done yet.
  void refuse_what_is_not_there() const;
  executor::Options executor_options() const;
};

}  // namespace agent::cli
