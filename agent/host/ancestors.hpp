#pragma once

#include <sys/types.h>

namespace agent {

/// The parent of a process; 0 where there is none to be seen.
pid_t parent_of(pid_t process);

/// Whether a process was started by another one, or by one that this has started, and so on.
bool descends_from(pid_t process, pid_t ancestor);

}  // namespace agent
