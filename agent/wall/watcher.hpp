#pragma once

#include <optional>

#include <sys/types.h>

#include <agent/sdk/host.hpp>

namespace agent::wall {

/// The work of the watch's process: waits on `line` for the listener of the filter, answers every system call that is
/// told, and says on `line` which were refused, until nobody is left behind the wall. `program` built it; `view`: whose
/// rights count.
void watch(int line, pid_t program, const std::optional<User>& view);

}  // namespace agent::wall
