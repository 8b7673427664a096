#pragma once

#include <string>

#include <agent/sdk/host.hpp>

// The parts of the fact `gpu`, each found without NVIDIA's own tools.
namespace agent::facts {

// fact_gpu_devices.cpp
/// The NVIDIA cards on the PCI bus, each a map with its model and compute capability.
List gpu_devices(const Host& host);
// fact_gpu_driver.cpp
/// What is loaded, on the disk, packaged and built by DKMS, and what does not go together.
Map gpu_driver(const Host& host);
Map nouveau(const Host& host);
/// Whether firmware lets only signed modules in: true, false, or null where it cannot be read.
Value secure_boot(const Host& host);
// fact_gpu_userland.cpp
Map cuda_installations(const Host& host);
Map cudnn_installation(const Host& host);
Map container_runtimes(const Host& host);
/// Directories of libraries that exist.
std::vector<Path> library_directories(const Host& host);
/// "550.54.15" of "libcuda.so.550.54.15"; empty for another file, and for a link such as libcuda.so.1.
std::string version_of_library(const std::string& file, const std::string& stem);
// fact_gpu_smi.cpp
/// What nvidia-smi says within five seconds.
Map nvidia_smi(const Host& host);

}  // namespace agent::facts
