#pragma once

#include <string>

#include <agent/sdk/gpu_machine.hpp>

namespace agent::nvidia_driver {

using Card = GpuMachine::Card;

/// "Ampere" for "2484": the ids of one chip lie together. Empty for an id of no block that is known.
std::string architecture_of(const std::string& device);

/// What the kernel and the firmware say, read without starting a program, and what stands in the way of a driver.
struct Machine : GpuMachine {
  bool is_in_use = false;       ///< something holds the module that is loaded
  std::string uninstaller;      ///< what NVIDIA's .run installer leaves; empty: it was not used
  std::string signing_key;      ///< the certificate that DKMS or akmods sign with; empty: there is none yet
  Strings half_installed = {};  ///< packages of a driver that an interrupted run left
};
Machine look(const Host& host);

}  // namespace agent::nvidia_driver
