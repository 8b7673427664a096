#pragma once

#include <sys/types.h>

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// Gives this process mounts of its own, all read-only, and its own message queues; without `network` also a network
/// with no way out. Throws Error that says what the kernel refused.
void seal_mounts(bool network);

/// Lays a small file system in memory over an empty directory, for `owner`. Throws Error where there is none to take.
Path mount_scratch(uid_t owner, gid_t group);

}  // namespace agent::wall
