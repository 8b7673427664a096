#pragma once

#include <string>

#include <agent/report/record.hpp>

namespace agent::report {

/// The run as one page that needs nothing else: html/ holds its parts, html_data makes what it shows.
std::string html_report(const Record& record);

}  // namespace agent::report
