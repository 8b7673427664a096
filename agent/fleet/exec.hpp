#pragma once

#include <agent/sdk/index.hpp>

namespace agent::fleet {

/// Where the agent's own files are on the target.
struct Tree {
  Path executable, modules;
};

/// `agent exec`: the target's side of a connection. Serves the line on stdin and stdout until that closes, then ends at
/// the boundary of the task at hand. Nothing that is printed can reach the line. Returns an exit code.
int serve(const Tree& tree, const ModuleIndex& index);

}  // namespace agent::fleet
