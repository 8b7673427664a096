#pragma once

namespace agent::wall {

/// Forbids, for good, the system calls that reach past files: to other processes, to daemons, to the kernel's settings.
/// `files_too`: also those that change files and that Landlock does not hold back (modes, owners, times, extended
/// attributes), for where mounts are not read-only. Programs of another architecture are killed.
void forbid_system_calls(bool files_too);

}  // namespace agent::wall
