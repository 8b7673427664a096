#pragma once

#include <agent/history/store.hpp>
#include <agent/report/record.hpp>

namespace agent::cli {

/// This user's history, to read. Throws Error when it cannot be.
history::Store past_runs();
/// The run as reports see it.
report::Record record_of(const history::WholeRun& run);

}  // namespace agent::cli
