#pragma once

#include <agent/executor/errands.hpp>
#include <agent/sdk/value.hpp>

namespace agent::fleet {

/// How a task ended, for another executor that goes on from there. What an include brings does not travel.
Value value_of(const executor::TaskOutcome& outcome);
/// Throws Error for what is none.
executor::TaskOutcome task_outcome_from(const Value& value);

/// How a task ended as one machine says it, to be believed by others: it names no places in the controller's files, and
/// no variables that steer a connection (R15).
executor::TaskOutcome hearsay_from(const Value& value);

Value value_of(const executor::ErrandReport& report);
executor::ErrandReport errand_report_from(const Value& value);

}  // namespace agent::fleet
