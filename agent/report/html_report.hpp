#pragma once

#include <ostream>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as one page that needs nothing else: html/ holds its parts, html_data makes what it shows.
void html_report(const Record& record, std::ostream& out);

}  // namespace agent::report
