#pragma once

#include <string>

#include <agent/sdk/plan.hpp>

namespace agent {

/// The command line `argv`, whose program is dnf, such that asking leaves nothing on the machine below `root`
/// (reliability R31): the logs, locks and caches that dnf as root would write go to a directory of its own, which ends
/// with it. What was fetched before is seen there. Any other program's command line comes back as it is.
Strings leaving_no_trace(const Strings& argv, const Path& root = "/");

}  // namespace agent
