#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <agent/executor/environment.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/fleet/ssh.hpp>
#include <agent/wall/wall.hpp>
#include <agent/wire/task.hpp>

namespace agent::fleet {

/// What is the same for every connection of a run.
struct Terms {
  HostKeys host_keys = HostKeys::known;
  /// All of it is a check: nothing is left on the target, and its workers stand behind no weaker wall than this.
  std::optional<wall::Tier> least_wall = {};
  /// The run, as reports and, one day, journals name it.
  std::string run;
  /// The password to become somebody there. May be empty.
  std::function<std::optional<std::string>(const Identity&)> password = {};
  /// Hears what a person should know (a new host key was accepted). May be empty; any thread calls it.
  std::function<void(const std::string&)> tell = {};
};

/// Opens one ssh to the host, has the bundle of this agent run there, and hands it calls of modules: one exec for each
/// host and run. Throws Unreachable, which says why and what to do; so do the calls, when the link is lost. For several
/// threads, one call at a time.
std::unique_ptr<TaskRunner> connect(const std::string& host, const executor::Login& login, Bundle& bundle,
                                    const Terms& terms);

}  // namespace agent::fleet
