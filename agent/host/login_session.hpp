#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include <agent/sdk/plan.hpp>

namespace agent {

/// Where systemd has a process, as the lines of /proc/PID/cgroup tell it:
/// "/user.slice/user-1000.slice/session-3.scope". Empty where there is no systemd.
std::string systemd_place(std::string_view cgroup);
/// The session among the parts of a place: "session-3.scope". Empty: none.
std::string session_at(std::string_view place);
/// The slice that the session is in: "user-1000.slice". Empty: none.
std::string slice_of_session_at(std::string_view place);

/// The place of a process that is there; empty of any other.
std::string systemd_place_of(pid_t pid);

/// Whether we are part of a login whose end is the end of all its processes (logind's KillUserProcesses). Costs two or
/// three small files, and where there is no login one.
bool ends_with_login(const Path& root = "/");

}  // namespace agent
