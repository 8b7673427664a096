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

/// `leader`, its children, those of its descendants that have this name (/proc/PID/comm), and all between them.
std::vector<pid_t> led_by(pid_t leader, const std::string& name);

}  // namespace agent
