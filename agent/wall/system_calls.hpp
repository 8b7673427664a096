#pragma once

#include <memory>

#include <agent/wall/watch.hpp>

namespace agent::wall {

/// Forbids, for good, the system calls that reach past files: to other processes, to daemons, to the kernel's settings.
/// `files_too`: also those that change files and that Landlock does not hold back (modes, owners, times, extended
/// attributes), for where mounts are not read-only. Programs of another architecture are killed.
///
/// `watch`, where there is one, is told what was refused; returned is the one that is: null where the kernel tells
/// nobody.
std::shared_ptr<Watch> forbid_system_calls(bool files_too, std::shared_ptr<Watch> watch = nullptr,
                                           const Path& scratch = {});

}  // namespace agent::wall
