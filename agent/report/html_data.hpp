#pragma once

#include <string>

#include <agent/report/record.hpp>

namespace agent::report {

/// What the HTML page shows, as compact JSON: a thousand hosts with sixty tasks each are well below a megabyte, because
/// what ended in the same way is said once. Beside what is told of the run:
///
///     hosts     ["web01", ...]         verdicts  for each host the number of a verdict (html/page.js names them)
///     plays     [[name, place], ...]   tasks     [[play, name, module, place, is a handler], ...]
///     statuses  ["ok", ...]            outcomes  [[status, changes, reasons, notes, error, output, items], ...]
///     cells     for each task [hosts or null for all in order, their outcomes, their milliseconds]
///
/// A change is [subject, before, after], with a fourth member 1 [subject, summary, diff, 1] for a text, and 2 for a
/// secret. An item of a loop is [label, status, changes, reasons, notes, error, output].
///
/// Safe inside a <script> element: no "<" is in it.
std::string html_data(const Record& record);

}  // namespace agent::report
