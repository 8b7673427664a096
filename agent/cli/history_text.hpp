#pragma once

#include <string>
#include <vector>

#include <agent/history/run.hpp>
#include <agent/report/differences.hpp>

namespace agent::cli {

/// The list of `agent history`, the newest first; times are this machine's.
std::string history_table(const std::vector<history::Run>& runs);
/// "run 12: check of site.yml, 2026-11-21 12:50:12, 0.4 s: drift".
std::string history_line(const history::Run& run);
/// One paragraph for each: who, which task, what. `all_hosts`: names every host.
std::string differences_text(const std::vector<report::Difference>& differences, bool all_hosts);
/// "web01, web02, web03 and 14 more".
std::string hosts_text(const Strings& hosts, bool all);

}  // namespace agent::cli
