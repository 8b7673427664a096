#pragma once

#include <string>
#include <vector>

#include <agent/report/differences.hpp>

namespace agent::report {

/// One paragraph for each: who ("17 hosts"), which task, what. `all_hosts`: names every host.
std::string differences_text(const std::vector<Difference>& differences, bool all_hosts);
/// "web01, web02, web03 and 14 more".
std::string hosts_text(const Strings& hosts, bool all);

}  // namespace agent::report
