#pragma once

#include <agent/cli/session.hpp>

namespace agent::cli {

/// `agent run --emit FILE`: the options of it.
void add_emission_to(CLI::App& command, RunOptions& options);
/// Before the playbooks are loaded. Throws Error for options that mean nothing to a file.
void prepare_emission(Session& session, const RunOptions& options);
/// Writes the plays with all that they need into a file that carries its agent (docs/launchers.md), and runs nothing.
/// With `{host}` in the file's name, a file for each host. What cannot travel is said, all of it, and nothing written.
int emit(Session& session, const RunOptions& options);

}  // namespace agent::cli
