#pragma once

#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// Whether a worker of this program still works whose agent is gone: it finishes the call at hand, and ends then.
bool has_orphaned_worker(const Path& executable);

}  // namespace agent::fleet
