#pragma once

#include <string>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// The Error for a system call that failed with `code` (an errno): "cannot write '/etc/motd': no space left on the
/// device", with the way out as hint where there is one. `doing` is a verb: "write", "read".
Error system_failure(const std::string& doing, const Path& path, int code);

/// What the kernel says of an errno, as our messages have it: lower case, no full stop.
std::string reason_of(int code);

}  // namespace agent
