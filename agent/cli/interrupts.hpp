#pragma once

#include <atomic>

namespace agent::cli {

/// Takes over INT and TERM: the first sets the flag that is returned, so that the task at hand is finished and the run
/// reported; the second ends the program at once. A closed output (PIPE) ends nothing.
const std::atomic<bool>& watch_interrupts();

}  // namespace agent::cli
