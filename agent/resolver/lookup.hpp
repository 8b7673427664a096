#pragma once

#include <optional>
#include <string>

#include <agent/resolver/tables.hpp>

namespace agent::resolver {

/// A GPU as the tables know it.
struct Card {
  std::string name;  ///< "GeForce RTX 3070", or "capability 8.6"
  Capability capability = 0;
  const Architecture* architecture = nullptr;
  int first_branch = 0;  ///< of the drivers that serve it
  std::optional<int> last_branch;
  const Gpu* gpu = nullptr;  ///< null when only the capability is known
};

/// The card of that name ("RTX 3070", "NVIDIA A100-SXM4-40GB"), PCI id ("10de:2484", "2484") or capability ("8.6",
/// "sm_86"). Throws Error for one that no table has.
Card card_from(const std::string& text, const Tables& tables);
/// The row of a PCI device id, four hex digits; null when there is none.
const Gpu* gpu_of_device(const std::string& device, const Tables& tables);
/// The row whose name begins the name that a driver reports; null when there is none.
const Gpu* gpu_of_name(const std::string& name, const Tables& tables);

/// A release of a distribution, with what the tables have of it.
struct Release {
  std::string id, version;                 ///< "ubuntu", "22.04"
  const Distribution* python = nullptr;    ///< its Python and C library
  const Repository* repository = nullptr;  ///< NVIDIA's for it; null: there is none
  std::string name() const { return id + " " + version; }
};

/// "ubuntu22.04", "ubuntu2204", "debian 12", "bookworm", "rocky9.4". Throws Error for one that no table has.
Release release_from(const std::string& text, const Tables& tables);

}  // namespace agent::resolver
