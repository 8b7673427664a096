#pragma once

#include <string>

#include <agent/host/process.hpp>

namespace agent::fleet {

/// Sockets without a file, between processes of one user of one machine: whose name begins with a zero byte and lives
/// in the kernel alone (unix(7), "abstract"), so that nothing is left when they end. Messages keep their borders.

/// One that listens at `name`; with `waits_not`, taking a visitor never blocks. Nothing when it cannot be had: errno
/// says why. Throws Error for a name that is too long.
Fd nameless_ear(const std::string& name, bool waits_not = false);
/// One that is connected with who listens at `name`; nothing when nobody of our user does.
Fd nameless_visit(const std::string& name);
/// Whether the other end of a connection is a process of our user; says which.
bool is_of_our_user(int fd, pid_t* process = nullptr);

}  // namespace agent::fleet
