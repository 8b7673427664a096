#pragma once

#include <string>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as metrics for the text-file collector of Prometheus' node exporter; docs/audits.md lists them.
std::string prometheus_report(const Record& record);

}  // namespace agent::report
