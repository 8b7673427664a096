#pragma once

#include <agent/cli/session.hpp>

namespace agent::cli {

/// What --list-hosts, --list-tasks and --list-tags print (ansible-syntax.md 17). Returns the exit code.
int list(Session& session, const RunOptions& options);

}  // namespace agent::cli
