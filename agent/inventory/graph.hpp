#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/value.hpp>

namespace agent::inventory {

/// Hosts and groups by number, and who is in whom. `all` is group 0 and `ungrouped` group 1.
class Graph {
 public:
  using Index = std::uint32_t;
  struct Host {
    std::string name;
    std::string source;
    Map variables;
    std::vector<Index> groups;  ///< those that name it themselves
  };
  struct Group {
    std::string name;
    Map variables;
    std::vector<Index> children, parents, hosts;
    std::int64_t priority = 1;
    int depth = 0;
  };
  static constexpr Index all = 0, ungrouped = 1;

  Graph();

  /// Throws Error when the name breaks the grammar, or there are too many.
  Index add_host(const std::string& name, const std::string& source, const Where& where);
  Index add_group(const std::string& name, const Where& where);
  void join(Index group, Index host);
  /// Throws Error when `child` already holds `parent`.
  void nest(Index parent, Index child, const Where& where);
  void set_host_variable(Index host, const std::string& name, Value value);
  /// `ansible_group_priority` is no variable but the group's rank.
  void set_group_variable(Index group, const std::string& name, Value value);
  /// Puts groups without a parent under `all` and hosts without a group under `ungrouped`. After each change.
  void settle();

  const Index* find_host(const std::string& name) const;
  const Index* find_group(const std::string& name) const;
  const Host& host(Index index) const { return hosts_[index]; }
  const Group& group(Index index) const { return groups_[index]; }
  const std::vector<Host>& hosts() const { return hosts_; }
  const std::vector<Group>& groups() const { return groups_; }

  /// The hosts of a group and of all below it, each once, nearest groups first.
  std::vector<Index> all_hosts(Index group) const;
  /// All groups of a host with their ancestors, by depth, then priority, then name: the order of their variables.
  std::vector<Index> groups_of(Index host) const;

 private:
  bool is_above(Index group, Index other) const;

  std::vector<Host> hosts_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, Index> host_numbers_, group_numbers_;
  std::unordered_set<std::uint64_t> memberships_;
};

}  // namespace agent::inventory
