#pragma once

#include <iosfwd>
#include <string>

#include <agent/playbook/problem.hpp>

namespace agent::cli {

/// Says problems as people read them.
void write_text(std::ostream& out, const Problems& problems);
/// As a list of objects: rule, severity, message, path, line, column, width, hints.
void write_json(std::ostream& out, const Problems& problems);
/// As SARIF 2.1.0, which code hosting sites show beside the lines.
void write_sarif(std::ostream& out, const Problems& problems, const std::string& version);

}  // namespace agent::cli
