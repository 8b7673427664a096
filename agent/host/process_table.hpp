#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace agent {

/// What /proc says of a process.
struct Process {
  pid_t pid = 0, parent = 0, session = 0;
  unsigned long long started = 0;  ///< a number may be another's by now; number and start are not
};

/// Nothing where there is no such process (any more).
std::optional<Process> process(pid_t pid);
/// All that can be seen.
std::vector<Process> processes();

/// The parent of a process; 0 where there is none to be seen.
pid_t parent_of(pid_t pid);
/// Whether a process is another one, or was started by it, or by one that it has started, and so on.
bool descends_from(pid_t pid, pid_t ancestor);
/// `leader`, its children, those of its descendants that have this name (/proc/PID/comm), and all between them.
std::vector<pid_t> led_by(pid_t leader, const std::string& name);

}  // namespace agent
