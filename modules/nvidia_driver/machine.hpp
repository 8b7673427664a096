#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent::nvidia_driver {

/// One NVIDIA card on the PCI bus.
struct Card {
  std::string slot;          ///< "0000:01:00.0"
  std::string device;        ///< its PCI device id, "2484"
  std::string architecture;  ///< "Ampere"; empty: an id that is not known
};

/// "Ampere" for "2484": the ids of one chip lie together. Empty for an id of no block that is known.
std::string architecture_of(const std::string& device);

/// What the kernel and the firmware say, read without starting a program.
struct Machine {
  std::vector<Card> cards;
  std::string loaded;               ///< version of the module that is loaded; empty: none
  bool loaded_open = false;         ///< it is the open one
  bool is_in_use = false;           ///< something holds the module
  bool has_nouveau = false;         ///< nouveau is loaded
  bool has_module_file = false;     ///< there is a module for the running kernel on the disk
  std::optional<bool> secure_boot;  ///< nothing: no UEFI, or not readable
  std::string uninstaller;          ///< what NVIDIA's .run installer leaves; empty: it was not used
  std::string signing_key;          ///< the certificate that DKMS or akmods sign with; empty: there is none yet
  Strings half_installed;           ///< packages of a driver that an interrupted run left
};
Machine look(const Host& host);

}  // namespace agent::nvidia_driver
