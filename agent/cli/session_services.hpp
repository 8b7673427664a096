#pragma once

#include <agent/cli/inventory_hosts.hpp>
#include <agent/template/services.hpp>

namespace agent::cli {

/// What templates ask of the machine that the program runs on, and of its inventory.
class SessionServices : public jinja::LocalServices {
 public:
  /// Before this there is no inventory to ask.
  void know(const InventoryHosts& hosts) { hosts_ = &hosts; }
  std::optional<List> lookup(const jinja::LookupCall& call) const override;

 private:
  const InventoryHosts* hosts_ = nullptr;
};

}  // namespace agent::cli
