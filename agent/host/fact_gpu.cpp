#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>

namespace agent::facts {

void gpu(Map& facts, const Host& host) {
  const List devices = gpu_devices(host);
  Map found{{"count", devices.size()}, {"devices", devices}};
  Strings names, capabilities;
  for (const Value& device : devices) {
    names.push_back(device["name"].is_string() ? device["name"].string() : "unknown");
    if (device["capability"].is_string()) capabilities.push_back(device["capability"].string());
  }
  found.set("names", names);
  found.set("capabilities", capabilities);
  if (!devices.empty() || exists(host, "/sys/module/nvidia")) {
    Map driver = gpu_driver(host);
    found.set("driver_version", driver.contains("loaded") ? *driver.find("loaded") : Value());
    found.set("driver", std::move(driver));
    found.set("nouveau", nouveau(host));
    found.set("secure_boot", secure_boot(host));
  }
  if (exists(host, "/sys/module/nvidia")) found.set("smi", nvidia_smi(host));
  found.set("cuda", cuda_installations(host));
  found.set("cudnn", cudnn_installation(host));
  found.set("containers", container_runtimes(host));
  facts.set("gpu", std::move(found));
}

}  // namespace agent::facts
