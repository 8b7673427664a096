#pragma once

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// What a JSON file says, an empty map where there is none or nothing in it. Throws Error, with line and column, for
/// what is no JSON mapping.
Map read_json_file(const Path& path, const Host& host);

/// Adds what makes the file say `wanted` beside all else that it says: mappings are merged, anything else is replaced,
/// null takes a key out. One change for each key at the top that differs. True when something does.
bool plan_json_file(const Path& path, const Map& wanted, const Host& host, Plan& plan);

}  // namespace agent
