#pragma once

#include <ostream>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as metrics for the text-file collector of Prometheus' node exporter; docs/audits.md lists them.
void prometheus_report(const Record& record, std::ostream& out);

}  // namespace agent::report
