#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <agent/executor/world.hpp>
#include <agent/playbook/playbook.hpp>

namespace agent::executor {

/// One play for one batch of hosts: what all of them share.
struct PlayContext {
  World& world;
  const Play& play;
  Path playbook_directory;
  Path playbook;           ///< the file it was loaded from,
  std::size_t number = 0;  ///< and which of its plays
  std::string name;        ///< as shown
  Map prompts;             ///< the answers to vars_prompt
  Strings all_hosts;       ///< of the play
  Strings batch;           ///< of these, the ones that go through it together
  bool force_handlers = false;
  std::atomic<bool> ended{false};  ///< `meta: end_play`: no further batch
  std::vector<RolePtr> roles;      ///< whose defaults and variables all tasks of the play see, in order
  Map magic;                       ///< the variables that are the same for all hosts

  /// With --step: what the person said of a task, asked once for all hosts.
  bool wants(const Task& task, const std::string& name);

  PlayContext(World& in_world, const Play& of_play) : world(in_world), play(of_play) {}
  /// Fills `roles` and `magic` from what stands above.
  void prepare();

 private:
  std::mutex step_mutex_;
  std::map<const Task*, bool> step_answers_;
};

/// The roles that are there before the play starts: those of `roles:` and of `import_role`.
std::vector<RolePtr> static_roles(const Play& play);

}  // namespace agent::executor
