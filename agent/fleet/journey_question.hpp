#pragma once

#include <agent/executor/outpost.hpp>

namespace agent::fleet {

/// What a machine is sent to walk a play (protocol::walk): this host's variables and groups, and nothing of others that
/// the play does not name.
Map question_of(const executor::Journey& journey);

/// What it is sent once: the files, and the options of the command line.
Value world_of(const executor::Journey& journey);

}  // namespace agent::fleet
