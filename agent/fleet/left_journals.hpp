#pragma once

#include <agent/fleet/connection.hpp>
#include <agent/fleet/dialogue.hpp>

namespace agent::fleet {

/// On the target: what the walks of a run said, for a controller that has its key: {events, is_whole}. The journal
/// counts as collected then. Throws Error for one that is not there or does not open.
Value collected(const Path& folder, const std::string& run, const std::string& key);

/// On the controller: takes over the journals that a host kept of runs whose controller died, where the terms have
/// their keys. What cannot be taken stays there, and is no failure of this run.
void collect(Dialogue& dialogue, const Terms& terms, const std::string& host, const Strings& runs);

}  // namespace agent::fleet
