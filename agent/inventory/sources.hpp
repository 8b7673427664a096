#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <agent/inventory/graph.hpp>
#include <agent/inventory/inventory.hpp>

namespace agent::inventory {

/// What the readers of one source share.
struct Reading {
  Graph& graph;
  std::vector<Error>& warnings;
  const Options& options;
  std::string source;  ///< the path, as given
};

/// Reads "h1,h2,", a file, a script or a directory into the graph; a directory file by file, by name.
void read_source(Reading& reading);

void read_ini(std::string_view text, Reading& reading);
void read_yaml(std::string_view text, Reading& reading);
/// What a script prints for `--list`, and, without `_meta`, for `--host` of each host.
void read_script(Reading& reading);

}  // namespace agent::inventory
