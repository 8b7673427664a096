#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include <agent/host/process.hpp>

namespace agent {

/// Whose systemd: the machine's, which obeys root alone, or the one that a user has.
enum class Manager { of_machine, of_user };

/// A unit without a file, which systemd makes around processes that are there already.
struct TransientScope {
  std::string name;   ///< "agent-20261122-1.scope"
  std::string slice;  ///< empty: where the manager puts scopes
  std::vector<pid_t> processes;
};

/// The call of busctl(1) that makes it. `oom_continues`: that one of its processes is killed for want of memory is not
/// the end of the others, which systemd before 252 does not know, and needs not be told.
Command scope_call(const TransientScope& scope, Manager manager, bool oom_continues);

/// Has systemd move an agent, its workers and the sudo between them out of their login's session, into a scope of
/// their own; with the machine's systemd it stays within what the user may use (user-UID.slice). Returns when they are
/// there. Throws Error.
void leave_session(pid_t agent, const std::string& scope, Manager manager);

}  // namespace agent
