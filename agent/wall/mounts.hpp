#pragma once

#include <sys/types.h>

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// Gives this process mounts and message queues of its own. Throws Error that says what the kernel refused.
void own_mounts();
/// Makes all of these mounts read-only. Throws as above.
void seal_mounts();
/// Where something is mounted.
Strings mount_points();

/// Lays a small file system in memory over an empty directory, for `owner`. Throws Error where there is none to take.
Path mount_scratch(uid_t owner, gid_t group);

}  // namespace agent::wall
