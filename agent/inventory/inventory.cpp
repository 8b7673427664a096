#include <algorithm>
#include <unordered_set>

#include <agent/inventory/graph.hpp>
#include <agent/inventory/inventory.hpp>
#include <agent/inventory/names.hpp>
#include <agent/inventory/patterns.hpp>
#include <agent/inventory/sources.hpp>
#include <agent/inventory/variable_files.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

Strings names_of(const Graph& graph, const std::vector<Graph::Index>& hosts) {
  Strings names;
  names.reserve(hosts.size());
  for (const Graph::Index host : hosts) names.push_back(graph.host(host).name);
  return names;
}

void add_layer(std::vector<Layer>& layers, std::string origin, const Map& variables) {
  if (!variables.empty()) layers.push_back({std::move(origin), variables});
}

void add_layers(std::vector<Layer>& layers, const std::vector<Layer>* more) {
  if (more) layers.insert(layers.end(), more->begin(), more->end());
}

/// The directories whose `*_vars` count, in order and each once: beside each source, then beside the playbook.
std::vector<Path> variable_directories(const Strings& sources, const Options& options) {
  std::vector<Path> directories;
  const auto add = [&](const Path& directory) {
    std::error_code failure;
    const Path known = std::filesystem::weakly_canonical(directory.empty() ? Path(".") : directory, failure);
    if (std::find(directories.begin(), directories.end(), known) == directories.end()) directories.push_back(known);
  };
  for (const std::string& source : sources) {
    std::error_code failure;
    if (!std::filesystem::exists(source, failure)) continue;
    add(std::filesystem::is_directory(source, failure) ? Path(source) : Path(source).parent_path());
  }
  if (!options.playbook_directory.empty()) add(options.playbook_directory);
  return directories;
}

/// "@file": one pattern a line.
Strings limit_parts(const std::string& limit) {
  if (limit.empty() || limit.front() != '@') return split_pattern(limit);
  Strings parts;
  const std::string text = yaml::load(limit.substr(1));
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    for (std::string& part : split_pattern(text.substr(start, end - start)))
      if (part.front() != '#') parts.push_back(std::move(part));
    start = end + 1;
  }
  return parts;
}

}  // namespace

Inventory::Inventory() : graph_(std::make_unique<Graph>()), files_(std::make_unique<VariableFiles>()) {}
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;
Inventory::~Inventory() = default;

Inventory Inventory::load(const Strings& sources, const Options& options) {
  Inventory inventory;
  inventory.sources_ = sources;
  for (const std::string& source : sources) {
    Reading reading{*inventory.graph_, inventory.warnings_, options, source};
    read_source(reading);
  }
  inventory.graph_->settle();
  for (const Graph::Group& group : inventory.graph_->groups())
    if (inventory.graph_->find_host(group.name))
      inventory.warnings_.push_back(
          Error("'" + group.name + "' is the name of a host and of a group").hint("in a pattern it means the host"));
  for (const Path& directory : variable_directories(sources, options))
    inventory.files_->read(directory, *inventory.graph_, inventory.warnings_);
  return inventory;
}

Inventory Inventory::local(const Options& options) {
  Inventory inventory;
  const Graph::Index host = inventory.graph_->add_host("localhost", "", {});
  inventory.graph_->set_host_variable(host, "ansible_connection", "local");
  inventory.graph_->settle();
  for (const Path& directory : variable_directories({}, options))
    inventory.files_->read(directory, *inventory.graph_, inventory.warnings_);
  return inventory;
}

Strings Inventory::hosts() const {
  return names_of(*graph_, graph_->all_hosts(Graph::all));
}

Strings Inventory::groups() const {
  Strings names;
  for (const Graph::Group& group : graph_->groups()) names.push_back(group.name);
  return names;
}

bool Inventory::has_host(const std::string& name) const {
  return graph_->find_host(name) || is_localhost(name);
}
bool Inventory::has_group(const std::string& name) const {
  return graph_->find_group(name) != nullptr;
}

Strings Inventory::match(const std::string& pattern, const std::string& limit) const {
  Strings hosts = match_pattern(*graph_, split_pattern(pattern)).hosts;
  if (limit.empty()) return hosts;
  const Strings allowed = match_pattern(*graph_, limit_parts(limit)).hosts;
  const std::unordered_set<std::string> set(allowed.begin(), allowed.end());
  std::erase_if(hosts, [&](const std::string& host) { return set.count(host) == 0; });
  return hosts;
}

Strings Inventory::unmatched(const std::string& pattern) const {
  return match_pattern(*graph_, limit_parts(pattern)).unmatched;
}

Strings Inventory::hosts_of(const std::string& group) const {
  const Graph::Index* index = graph_->find_group(group);
  return index ? names_of(*graph_, graph_->all_hosts(*index)) : Strings{};
}

Strings Inventory::own_hosts_of(const std::string& group) const {
  const Graph::Index* index = graph_->find_group(group);
  return index ? names_of(*graph_, graph_->group(*index).hosts) : Strings{};
}

Strings Inventory::children_of(const std::string& group) const {
  Strings names;
  if (const Graph::Index* index = graph_->find_group(group))
    for (const Graph::Index child : graph_->group(*index).children) names.push_back(graph_->group(child).name);
  return names;
}

Strings Inventory::groups_of(const std::string& host) const {
  Strings names;
  if (const Graph::Index* index = graph_->find_host(host))
    for (const Graph::Index group : graph_->groups_of(*index))
      if (group != Graph::all) names.push_back(graph_->group(group).name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Layer> Inventory::layers(const std::string& host) const {
  std::vector<Layer> layers;
  const Graph::Index* index = graph_->find_host(host);
  std::vector<Graph::Index> groups;
  if (index) groups = graph_->groups_of(*index);
  std::erase(groups, Graph::all);
  // The order of the reference: what the inventory files say, then `group_vars`, `all` before every other group.
  add_layer(layers, "group 'all' of the inventory", graph_->group(Graph::all).variables);
  for (const Graph::Index group : groups)
    add_layer(layers, "group '" + graph_->group(group).name + "' of the inventory", graph_->group(group).variables);
  for (std::size_t i = 0; i < files_->directories(); ++i) add_layers(layers, files_->of_group(i, "all"));
  for (std::size_t i = 0; i < files_->directories(); ++i)
    for (const Graph::Index group : groups) add_layers(layers, files_->of_group(i, graph_->group(group).name));
  if (index)
    add_layer(layers, "host '" + host + "' of the inventory", graph_->host(*index).variables);
  else if (is_localhost(host))
    layers.push_back({"the implicit localhost", Map{{"ansible_connection", "local"}}});
  for (std::size_t i = 0; i < files_->directories(); ++i) add_layers(layers, files_->of_host(i, host));
  return layers;
}

Map Inventory::variables(const std::string& host) const {
  Map all;
  for (const Layer& layer : layers(host)) all.merge(layer.variables);
  return all;
}

Map Inventory::variables_of_group(const std::string& group) const {
  const Graph::Index* index = graph_->find_group(group);
  if (!index) return {};
  Map all = graph_->group(*index).variables;
  for (std::size_t i = 0; i < files_->directories(); ++i)
    if (const auto* layers = files_->of_group(i, group))
      for (const Layer& layer : *layers) all.merge(layer.variables);
  if (graph_->group(*index).priority != 1) all.set("ansible_group_priority", graph_->group(*index).priority);
  return all;
}

void Inventory::add_host(const std::string& host, const Strings& groups, const Map& variables) {
  const HostPattern pattern = expand_hosts(host, {});
  const Graph::Index index = graph_->add_host(pattern.names.front(), "", {});
  if (pattern.port) graph_->set_host_variable(index, "ansible_port", *pattern.port);
  for (const std::string& group : groups) graph_->join(graph_->add_group(group, {}), index);
  for (const auto& [name, value] : variables) graph_->set_host_variable(index, name, value);
  graph_->settle();
}

void Inventory::add_group(const std::string& group, const Strings& parents, const Strings& hosts) {
  const Graph::Index index = graph_->add_group(group, {});
  for (const std::string& parent : parents) graph_->nest(graph_->add_group(parent, {}), index, {});
  for (const std::string& host : hosts)
    if (const Graph::Index* known = graph_->find_host(host)) graph_->join(index, *known);
  graph_->settle();
}

std::string Inventory::source_of(const std::string& host) const {
  const Graph::Index* index = graph_->find_host(host);
  return index ? graph_->host(*index).source : "";
}

}  // namespace agent::inventory
