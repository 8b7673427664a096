#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/gpu_machine.hpp>
#include <agent/sdk/vendor_repository.hpp>

namespace agent::nvidia_container_toolkit {

struct Want {
  Strings runtimes = {"docker"};
  std::optional<std::string> version;
  bool default_runtime = false;
  std::optional<bool> cdi;
  bool restart = true;
  std::string base_url = "https://nvidia.github.io/libnvidia-container";
  std::optional<std::string> key_url, key_fingerprint;
  std::string state = "present";
};

const SpecOf<Want>& arguments();

/// NVIDIA's container toolkit: one repository for all distributions, four packages, and each runtime told of it.
class Toolkit : public VendorModule {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

}  // namespace agent::nvidia_container_toolkit
