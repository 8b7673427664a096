#include <algorithm>
#include <charconv>
#include <tuple>

#include <agent/inventory/graph.hpp>
#include <agent/inventory/names.hpp>

namespace agent::inventory {
namespace {

constexpr std::size_t most_hosts = 1'000'000;
constexpr std::size_t most_groups = 100'000;

std::int64_t priority_of(const Value& value) {
  if (value.is_integer()) return value.integer();
  std::int64_t number = 0;
  if (value.is_string()) {
    const std::string& text = value.string();
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr == text.data() + text.size() &&
        !text.empty())
      return number;
  }
  throw Error("'ansible_group_priority' is a whole number, not " + value.json()).at(value.where());
}

}  // namespace

Graph::Graph() {
  add_group("all", {});
  add_group("ungrouped", {});
  nest(all, ungrouped, {});
}

Graph::Index Graph::add_host(const std::string& name, const std::string& source, const Where& where) {
  if (const Index* known = find_host(name)) return *known;
  check_host_name(name, where);
  if (hosts_.size() >= most_hosts) throw Error("more than " + std::to_string(most_hosts) + " hosts").at(where);
  const auto index = static_cast<Index>(hosts_.size());
  hosts_.push_back({name, source, {}, {}});
  host_numbers_.emplace(name, index);
  return index;
}

Graph::Index Graph::add_group(const std::string& name, const Where& where) {
  if (const Index* known = find_group(name)) return *known;
  check_group_name(name, where);
  if (groups_.size() >= most_groups) throw Error("more than " + std::to_string(most_groups) + " groups").at(where);
  const auto index = static_cast<Index>(groups_.size());
  groups_.push_back({});
  groups_.back().name = name;
  group_numbers_.emplace(name, index);
  return index;
}

void Graph::join(Index group, Index host) {
  if (!memberships_.insert(std::uint64_t{group} << 32 | host).second) return;
  groups_[group].hosts.push_back(host);
  hosts_[host].groups.push_back(group);
}

bool Graph::is_above(Index group, Index other) const {
  std::vector<Index> open = {other};
  std::unordered_set<Index> seen;
  while (!open.empty()) {
    const Index at = open.back();
    open.pop_back();
    if (at == group) return true;
    for (const Index parent : groups_[at].parents)
      if (seen.insert(parent).second) open.push_back(parent);
  }
  return false;
}

void Graph::nest(Index parent, Index child, const Where& where) {
  std::vector<Index>& children = groups_[parent].children;
  if (std::find(children.begin(), children.end(), child) != children.end()) return;
  if (is_above(child, parent))
    throw Error("group '" + groups_[child].name + "' cannot be in '" + groups_[parent].name + "', which is in it")
        .at(where);
  children.push_back(child);
  groups_[child].parents.push_back(parent);
}

void Graph::set_host_variable(Index host, const std::string& name, Value value) {
  hosts_[host].variables.set(name, std::move(value));
}

void Graph::set_group_variable(Index group, const std::string& name, Value value) {
  if (name == "ansible_group_priority")
    groups_[group].priority = priority_of(value);
  else
    groups_[group].variables.set(name, std::move(value));
}

void Graph::settle() {
  for (Index group = 0; group < groups_.size(); ++group)
    if (group != all && groups_[group].parents.empty()) nest(all, group, {});
  for (Index index = 0; index < hosts_.size(); ++index) {
    const std::vector<Index>& groups = hosts_[index].groups;
    const bool has_other = std::any_of(groups.begin(), groups.end(), [](Index g) { return g > ungrouped; });
    const bool is_ungrouped = std::find(groups.begin(), groups.end(), ungrouped) != groups.end();
    if (!has_other && !is_ungrouped) join(ungrouped, index);
    if (!has_other || !is_ungrouped) continue;
    memberships_.erase(std::uint64_t{ungrouped} << 32 | index);
    std::erase(hosts_[index].groups, ungrouped);
  }
  std::erase_if(groups_[ungrouped].hosts,
                [&](Index host) { return memberships_.count(std::uint64_t{ungrouped} << 32 | host) == 0; });
  // The depth of a group is the longest way down to it: parents are finished before their children.
  std::vector<std::size_t> waiting(groups_.size());
  for (const Group& group : groups_)
    for (const Index child : group.children) ++waiting[child];
  std::vector<Index> ready = {all};
  for (Group& group : groups_) group.depth = 0;
  for (std::size_t i = 0; i < ready.size(); ++i)
    for (const Index child : groups_[ready[i]].children) {
      groups_[child].depth = std::max(groups_[child].depth, groups_[ready[i]].depth + 1);
      if (--waiting[child] == 0) ready.push_back(child);
    }
}

const Graph::Index* Graph::find_host(const std::string& name) const {
  const auto found = host_numbers_.find(name);
  return found == host_numbers_.end() ? nullptr : &found->second;
}

const Graph::Index* Graph::find_group(const std::string& name) const {
  const auto found = group_numbers_.find(name);
  return found == group_numbers_.end() ? nullptr : &found->second;
}

std::vector<Graph::Index> Graph::all_hosts(Index group) const {
  std::vector<Index> result, open = {group};
  std::vector<bool> seen_group(groups_.size()), seen_host(hosts_.size());
  seen_group[group] = true;
  for (std::size_t i = 0; i < open.size(); ++i) {
    for (const Index host : groups_[open[i]].hosts) {
      if (seen_host[host]) continue;
      seen_host[host] = true;
      result.push_back(host);
    }
    for (const Index child : groups_[open[i]].children) {
      if (seen_group[child]) continue;
      seen_group[child] = true;
      open.push_back(child);
    }
  }
  return result;
}

std::vector<Graph::Index> Graph::groups_of(Index host) const {
  std::vector<Index> result = hosts_[host].groups;
  std::unordered_set<Index> seen(result.begin(), result.end());
  for (std::size_t i = 0; i < result.size(); ++i)
    for (const Index parent : groups_[result[i]].parents)
      if (seen.insert(parent).second) result.push_back(parent);
  const auto rank = [&](Index index) {
    const Group& group = groups_[index];
    return std::tuple(group.depth, group.priority, std::string_view(group.name));
  };
  std::sort(result.begin(), result.end(), [&](Index a, Index b) { return rank(a) < rank(b); });
  return result;
}

}  // namespace agent::inventory
