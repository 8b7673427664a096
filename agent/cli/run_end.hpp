#pragma once

#include <optional>

#include <agent/cli/continuation.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/reports.hpp>
#include <agent/executor/world.hpp>
#include <agent/history/recording.hpp>

namespace agent::cli {

/// Whether a run is kept in the history: as the command line has `said`, else as AGENT_HISTORY says, else `otherwise`.
bool keeps_history(const std::optional<bool>& said, bool otherwise);

/// Writes the reports that are written at the end and, where there is a `kept` run, keeps it in the history. False, and
/// said, when a report is lost. With a `continuation` what was kept of it before stays with it.
bool finish(Reports& reports, history::Recording* kept, const Continuation* continuation = nullptr);

/// How a run ended, from the state of its hosts. `was_busy`: a host was left out because another run works on it.
ExitCode ending(const executor::World& world, const event::Recap& recap, bool was_busy, bool all_written);

/// After a check that went well: whether anything would change, or is unknown.
bool shows_drift(const executor::World& world);

}  // namespace agent::cli
