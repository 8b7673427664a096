#pragma once

#include <agent/sdk/index.hpp>

namespace agent::fleet {

/// Where the agent's own files are on the target.
struct Tree {
  Path executable, modules;
  bool is_as_sent = false;  ///< was held against its manifest just now: its libraries need not be hashed once more
};

/// `agent exec KEY`: the target's side of a connection. Serves the line on stdin and stdout until the controller has
/// nothing more to do. When the line breaks it goes on and waits to be met again; after a while in vain it ends at the
/// boundary of the task at hand. Nothing that is printed can reach the line. Returns an exit code.
int serve(const std::string& key, const Tree& tree, const ModuleIndex& index);

/// `agent exec KEY again`: gives stdin and stdout to the agent that lost its line, and waits for its end.
int meet_again(const std::string& key);

}  // namespace agent::fleet
