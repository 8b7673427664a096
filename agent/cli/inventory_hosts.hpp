#pragma once

#include <functional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <agent/executor/environment.hpp>
#include <agent/inventory/inventory.hpp>

namespace agent::cli {

/// The inventory as plays see it: with the limit of the command line, and open to what plays add.
class InventoryHosts : public executor::Hosts {
 public:
  /// Without `sources` this machine alone. Throws Error for what is wrong in them, and for a limit that leaves no host.
  InventoryHosts(Strings sources, Path playbook_directory, std::string limit);

  Strings match(const std::string& pattern) const override;
  bool exists(const std::string& host) const override;
  std::vector<executor::VariableLayer> variables(const std::string& host) const override;
  Strings groups_of(const std::string& host) const override;
  Map groups() const override;
  void add_host(const std::string& host, const Strings& groups, const Map& variables) override;
  void add_group(const std::string& group, const Strings& parents, const Strings& hosts) override;
  void refresh() override;
  bool beside(const Path& playbook_directory) override;
  Strings sources() const override { return sources_; }

  /// The inventory itself, for those that show it. Not while plays run.
  const inventory::Inventory& inventory() const { return inventory_; }

 private:
  inventory::Inventory read() const;
  void replace(inventory::Inventory fresh);

  Strings sources_;
  Path playbook_directory_;
  std::string limit_;
  /// What plays added, in order: it outlives a new reading.
  std::vector<std::function<void(inventory::Inventory&)>> added_;
  mutable std::shared_mutex mutex_;
  inventory::Inventory inventory_;
};

}  // namespace agent::cli
