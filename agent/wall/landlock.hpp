#pragma once

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// The version of Landlock in this kernel; 0: none, or switched off.
int landlock_version();

/// From here on this process writes nowhere but below `scratch` and to the devices that keep nothing (/dev/null and its
/// like, GPUs). False where the kernel has no Landlock.
bool restrict_writing(const Path& scratch);

}  // namespace agent::wall
