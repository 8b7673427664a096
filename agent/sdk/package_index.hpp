#pragma once

#include <chrono>
#include <optional>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// When the index of the repositories has to be fetched.
struct IndexRules {
  bool asked = false;              ///< `update_cache`
  std::chrono::seconds valid{0};   ///< `cache_valid_time`
  bool sources_are_newer = false;  ///< the list of repositories changed after the index was fetched
};
/// Seconds since the index was fetched; none when it never was.
std::optional<double> index_age(const Host& host);
/// Whether it is older than asked for. One that was fetched within the last minute is not.
bool index_is_old(const IndexRules& rules, const Host& host);
/// The step that fetches it: a renewal, or an event where fetching it is all that is asked for.
Step refresh_step(const Host& host, const RefreshPackageIndex& refresh, bool is_all);

}  // namespace agent
