#pragma once

#include <ostream>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as JUnit's XML, as CI servers show it: a suite for each host, a case for each task. What a check found to be
/// different, or could not know, is a failure (`type` "drift" or "unknown"); what failed or was unreachable, an error.
void junit_report(const Record& record, std::ostream& out);

}  // namespace agent::report
