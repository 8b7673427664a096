#pragma once

#include <ostream>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as one object, in the shape of Ansible's json callback: `plays` with their tasks and each host's result,
/// and `stats`. Beside these, under `agent`, what was run, by which version, behind which wall, when, and what it came
/// to; and in each result `changes`, `items`, `duration`, `reasons`. docs/reports.md lists the fields.
void json_report(const Record& record, std::ostream& out);

}  // namespace agent::report
