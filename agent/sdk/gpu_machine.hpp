#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent {

/// What a machine has of NVIDIA's below any framework, read from the kernel and the disk without starting a program.
struct GpuMachine {
  /// One card on the PCI bus.
  struct Card {
    std::string slot;    ///< "0000:01:00.0"
    std::string device;  ///< PCI device id, "2484"
    std::string bound;   ///< the kernel driver that has it: "nvidia", "nouveau", "vfio-pci"; empty: none
  };
  std::vector<Card> cards;
  std::string loaded;               ///< version of the kernel module that is loaded; empty: none
  bool is_open_module = false;      ///< it is the open one
  bool has_nouveau = false;         ///< nouveau is loaded
  bool has_uvm = false;             ///< nvidia_uvm is loaded
  bool has_module_file = false;     ///< there is an nvidia module on disk for the running kernel
  Strings other_kernels;            ///< kernels that have one where the running one has none
  std::string libcuda;              ///< the file behind libcuda.so.1; empty: there is none
  std::string userland;             ///< its version; empty: its name does not tell
  std::optional<bool> secure_boot;  ///< as the firmware says; nothing: no UEFI, or not readable
  Strings nodes;                    ///< /dev/nvidia0, /dev/nvidiactl, ... that are there
  Strings forbidden;                ///< those of them that the user of this task may not open for reading and writing
  std::string user;                 ///< the user of this task
  std::string group;                ///< the group that the first forbidden node belongs to
  std::string container;            ///< "docker", "podman", "container", ...; empty: not in one

  bool has_driver() const { return !loaded.empty(); }
};

GpuMachine read_gpu_machine(const Host& host);

/// NVIDIA's display controllers on the PCI bus.
std::vector<GpuMachine::Card> nvidia_cards(const Host& host);
/// Whether an nvidia module for this kernel lies on the disk, in whichever corner the distribution keeps it.
bool has_nvidia_module(const std::string& kernel, const Host& host);
/// Whether the firmware lets only signed modules in; nothing: no UEFI, or not readable.
std::optional<bool> read_secure_boot(const Host& host);
/// What a file of the kernel's says, without the line's end; empty where it is missing or may not be read.
std::string kernel_line(const Path& file, const Host& host);

/// The version in what /proc/driver/nvidia/version says; empty: none.
std::string nvidia_module_version(const std::string& text);

/// The oldest driver that starts programs built with CUDA `version` ("12.4"); empty where it is not known.
std::string oldest_driver(const std::string& cuda_version);

/// Whether code built for `architectures` ("sm_86", "compute_90", "sm_90a") runs on a device of `capability` ("8.9").
bool runs_on(const Strings& architectures, const std::string& capability);

}  // namespace agent
