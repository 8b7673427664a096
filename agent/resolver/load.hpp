#pragma once

#include <vector>

#include <agent/resolver/tables.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::resolver {

/// Reads the tables in the first folder, with the rows of the further ones over them: a row that says the same thing
/// (the same release, card, repository) takes the place of the earlier, `removed: true` takes it out, and any other is
/// added. Folders after the first may be missing, and hold any of the files. A folder's `tables.cbor`, which the build
/// makes, saves the reading of YAML that did not change since. Throws Error at the row that is broken.
Tables load(const std::vector<Path>& folders);

/// Where the tables are: `share/agent/compat` beside the program, then `/etc/agent/compat`, then the folders that the
/// environment variable AGENT_COMPAT names (joined by ':').
std::vector<Path> folders();

}  // namespace agent::resolver
