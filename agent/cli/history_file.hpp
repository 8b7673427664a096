#pragma once

#include <optional>

#include <agent/sdk/plan.hpp>

namespace agent::cli {

/// Where this user's history is: `agent/history.db` in $XDG_STATE_HOME; without that in /var/lib for root, and in
/// ~/.local/state for others. Nothing: there is no home.
std::optional<Path> history_file(const Environment& environment);

}  // namespace agent::cli
