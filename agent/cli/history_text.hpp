#pragma once

#include <string>
#include <vector>

#include <agent/history/run.hpp>

namespace agent::cli {

/// The list of `agent history`, the newest first; times are this machine's.
std::string history_table(const std::vector<history::Run>& runs);
/// "run 12: check of site.yml, 2026-11-21 12:50:12, 0.4 s: drift".
std::string history_line(const history::Run& run);

}  // namespace agent::cli
