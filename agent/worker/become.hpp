#pragma once

#include <string>

#include <agent/host/process.hpp>
#include <agent/wire/task.hpp>

namespace agent {

/// How a worker gets to be who it should be.
struct Become {
  /// Root changes its own ids: the worker is started as we are and told whom to become. Empty: stay who we are.
  std::string change_ids_to;
  /// Another user has a tool do it (sudo, doas).
  bool by_tool = false;
};

/// Throws Error for a user name that is none, a user that does not exist, or a method that cannot be used.
Become way_to(const Identity& identity, const User& self);

/// The command that starts a worker. `with_password`: the tool will read it as the first line of its input.
Command worker_command(const Path& executable, const Identity& identity, const Become& become, bool with_password);

/// Whether the tool could become the user, who then could not reach the agent's program.
bool cannot_enter(const std::string& printed);
/// What the tool's refusal means and what to do, from what it printed.
Error refusal(const Identity& identity, const User& self, const std::string& printed, bool with_password);

/// Gives up our ids for good and takes those of `user`, groups included. Throws Error when that fails.
void change_ids(const User& user);

}  // namespace agent
