#pragma once

#include <string>
#include <vector>

#include <agent/inventory/graph.hpp>

namespace agent::inventory {

/// "web:&lab:!old" or "a, b[0]" taken apart at its colons or commas; an address or "host:22" is one part.
Strings split_pattern(const std::string& pattern);

/// The hosts that the parts name together, in order.
struct Matches {
  Strings hosts;      ///< also `localhost` and its like, where the inventory has no such host
  Strings unmatched;  ///< parts that name nothing
};
Matches match_pattern(const Graph& graph, const Strings& parts);

/// Whether a name stands for this machine even where no inventory names it.
bool is_localhost(const std::string& name);

}  // namespace agent::inventory
