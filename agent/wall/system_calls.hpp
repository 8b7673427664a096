#pragma once

#include <memory>

#include <agent/wall/watch.hpp>

namespace agent::wall {

/// Forbids, for good, the system calls that reach past files: to other processes, to daemons, to the network, to the
/// kernel's settings. Programs of another architecture are killed.
///
/// `watch`, where there is one, is told what was refused; returned is the one that is: null where the kernel tells
/// nobody.
std::shared_ptr<Watch> forbid_system_calls(const Restraint& restraint, std::shared_ptr<Watch> watch = nullptr);

}  // namespace agent::wall
