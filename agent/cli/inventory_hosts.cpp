#include <algorithm>
#include <mutex>

#include <agent/cli/inventory_hosts.hpp>
#include <agent/host/process.hpp>

namespace agent::cli {
namespace {

std::string run_script(const Strings& argv) {
  Command command;
  command.argv = argv;
  command.deadline = std::chrono::seconds(60);
  command.environment = own_environment();
  const Output output = agent::run(command).output;
  if (output.rc != 0) {
    Error error("the inventory script '" + argv.front() + "' exited with " + std::to_string(output.rc));
    if (const auto end = output.err.find_last_not_of(" \n\r\t"); end != std::string::npos)
      error.hint("it said: " + output.err.substr(0, end + 1));
    throw error;
  }
  return output.out;
}

}  // namespace

InventoryHosts::InventoryHosts(Strings sources, Path playbook_directory, std::string limit)
    : sources_(std::move(sources)),
      playbook_directory_(std::move(playbook_directory)),
      limit_(std::move(limit)),
      inventory_(read()) {
  if (!limit_.empty() && inventory_.match("all:localhost", limit_).empty())
    throw Error("the limit '" + limit_ + "' leaves no host")
        .hint("the inventory has " + std::to_string(inventory_.hosts().size()) +
              " hosts; 'agent inventory --graph' shows them");
}

inventory::Inventory InventoryHosts::read() const {
  inventory::Options options;
  options.playbook_directory = playbook_directory_;
  options.run_script = run_script;
  return sources_.empty() ? inventory::Inventory::local(options) : inventory::Inventory::load(sources_, options);
}

Strings InventoryHosts::match(const std::string& pattern) const {
  const std::shared_lock lock(mutex_);
  return inventory_.match(pattern, limit_);
}

bool InventoryHosts::exists(const std::string& host) const {
  const std::shared_lock lock(mutex_);
  return inventory_.has_host(host);
}

std::vector<executor::VariableLayer> InventoryHosts::variables(const std::string& host) const {
  const std::shared_lock lock(mutex_);
  std::vector<executor::VariableLayer> out;
  // The machine that the inventory does not name, but a play does.
  if (host == "localhost" || host == "127.0.0.1" || host == "::1") {
    const Strings hosts = inventory_.hosts();
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end())
      out.push_back({"this machine", Map{{"ansible_connection", "local"}}});
  }
  for (auto& layer : inventory_.layers(host)) out.push_back({std::move(layer.origin), std::move(layer.variables)});
  return out;
}

Strings InventoryHosts::groups_of(const std::string& host) const {
  const std::shared_lock lock(mutex_);
  return inventory_.groups_of(host);
}

Map InventoryHosts::groups() const {
  const std::shared_lock lock(mutex_);
  Map out;
  for (const auto& group : inventory_.groups()) out.set(group, inventory_.hosts_of(group));
  return out;
}

void InventoryHosts::add_host(const std::string& host, const Strings& groups, const Map& variables) {
  const std::unique_lock lock(mutex_);
  added_.emplace_back([=](inventory::Inventory& to) { to.add_host(host, groups, variables); });
  added_.back()(inventory_);
}

void InventoryHosts::add_group(const std::string& group, const Strings& parents, const Strings& hosts) {
  const std::unique_lock lock(mutex_);
  added_.emplace_back([=](inventory::Inventory& to) { to.add_group(group, parents, hosts); });
  added_.back()(inventory_);
}

void InventoryHosts::refresh() {
  replace(read());
}

bool InventoryHosts::beside(const Path& playbook_directory) {
  const auto whole = [](const Path& path) {
    const Path normal = (std::filesystem::current_path() / path).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
  };
  if (whole(playbook_directory) == whole(playbook_directory_)) return false;
  playbook_directory_ = whole(playbook_directory);
  replace(read());
  return true;
}

void InventoryHosts::replace(inventory::Inventory fresh) {
  for (const auto& add : added_) add(fresh);
  const std::unique_lock lock(mutex_);
  inventory_ = std::move(fresh);
}

}  // namespace agent::cli
