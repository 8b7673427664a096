#pragma once

#include <string>
#include <vector>

#include <agent/report/record.hpp>

namespace agent::report {

/// What one task found to be different, or did, in the same words on these hosts.
struct Difference {
  std::string play, task;
  Where where;
  Status status = Status::ok;
  Strings lines;  ///< the changes, reasons and errors, one each
  Strings hosts;  ///< sorted
};

/// All of a run that is not as it was wanted, or was not before: tasks in their order, of each the most hosts first.
std::vector<Difference> differences(const Record& record);

/// What lies between two runs: what is different now and was not then (or not so), and what no longer is. Tasks are
/// the same when play and name are; a task that `then` changed was right after it.
struct Drift {
  std::vector<Difference> since, gone;
  Strings new_hosts, missing_hosts;
};
Drift drift_between(const Record& then, const Record& now);

}  // namespace agent::report
