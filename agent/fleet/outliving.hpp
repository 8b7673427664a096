#pragma once

#include <functional>
#include <optional>
#include <string>

#include <agent/worker/pool.hpp>

namespace agent::fleet {

/// Keeps a run from ending with its link where logind ends a login's processes with the login (KillUserProcesses): has
/// the machine's systemd move this agent into a scope of its own where we are root, or the user's own where that is
/// kept running without a login (`loginctl enable-linger`). Otherwise returns what a worker of root has to do when
/// there is one; `remark` is said when a task begins before that. Costs microseconds where logind ends nothing.
std::optional<PoolOptions::Scope> outlive_login(const std::string& run,
                                                const std::function<void(const std::string&)>& remark);

}  // namespace agent::fleet
