#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <agent/inventory/graph.hpp>
#include <agent/inventory/inventory.hpp>

namespace agent::inventory {

/// The `group_vars/` and `host_vars/` of some directories, read once. A name has a file (NAME, NAME.yml, NAME.yaml,
/// NAME.json) or a directory of files, which are laid over each other by name.
class VariableFiles {
 public:
  /// Reads what the hosts and groups of `graph` have in `directory`. Throws Error for a file that is wrong.
  void read(const Path& directory, const Graph& graph, std::vector<Error>& warnings);

  /// One layer for each file, directories in the order in which they were read.
  const std::vector<Layer>* of_group(std::size_t directory, const std::string& name) const;
  const std::vector<Layer>* of_host(std::size_t directory, const std::string& name) const;
  std::size_t directories() const { return directories_.size(); }

 private:
  using ByName = std::unordered_map<std::string, std::vector<Layer>>;
  struct Directory {
    ByName groups, hosts;
  };
  std::vector<Directory> directories_;
};

}  // namespace agent::inventory
