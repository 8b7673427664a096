#pragma once

#include <string>

#include <agent/inventory/inventory.hpp>

/// What `agent inventory` prints, in the shape of ansible-inventory's output.
namespace agent::inventory {

/// `--list`: groups with their hosts and children, and the variables of all hosts under `_meta`. With `is_export` the
/// variables of groups stand with the groups. Only hosts that match `limit`.
Value list(const Inventory& inventory, const std::string& limit = "", bool is_export = false);
/// `--graph`: the tree below `group`, with variables where `with_variables`. Throws Error for an unknown group.
std::string graph(const Inventory& inventory, const std::string& group = "all", bool with_variables = false);

}  // namespace agent::inventory
