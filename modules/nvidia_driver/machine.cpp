#include "machine.hpp"

#include <cstdlib>

namespace agent::nvidia_driver {

namespace {

struct Block {
  unsigned first, last;
  const char* architecture;
};
// gpus.yml names ids of the cards that are sold; the blocks between are those of pci.ids, where each chip has its own.
constexpr Block blocks[] = {
    {0x0fc0, 0x0fff, "Kepler"},    {0x1000, 0x103f, "Kepler"},    {0x1180, 0x12ff, "Kepler"},
    {0x1340, 0x15ef, "Maxwell"},   {0x1600, 0x17ff, "Maxwell"},   {0x15f0, 0x15ff, "Pascal"},
    {0x1b00, 0x1d7f, "Pascal"},    {0x1d80, 0x1dff, "Volta"},     {0x1e00, 0x1fff, "Turing"},
    {0x2080, 0x20ff, "Ampere"},    {0x2180, 0x21ff, "Turing"},    {0x2200, 0x22ff, "Ampere"},
    {0x2300, 0x237f, "Hopper"},    {0x2400, 0x25ff, "Ampere"},    {0x2600, 0x28ff, "Ada"},
    {0x2900, 0x29ff, "Blackwell"}, {0x2b00, 0x2dff, "Blackwell"}, {0x2e00, 0x2fff, "Blackwell"},
    {0x3180, 0x31ff, "Blackwell"},
};

// The references that other modules of the driver hold are no use of it.
bool is_in_use(const Host& host) {
  const int references = std::atoi(kernel_line("/sys/module/nvidia/refcnt", host).c_str());
  return references > static_cast<int>(host.list("/sys/module/nvidia/holders").size());
}

std::string first_there(std::initializer_list<const char*> files, const Host& host) {
  for (const char* file : files)
    if (host.stat(file)) return file;
  return "";
}

}  // namespace

std::string architecture_of(const std::string& device) {
  const unsigned long id = std::strtoul(device.c_str(), nullptr, 16);
  for (const Block& block : blocks)
    if (id >= block.first && id <= block.last) return block.architecture;
  return "";
}

Machine look(const Host& host) {
  Machine machine{read_gpu_machine(host)};
  machine.is_in_use = machine.has_driver() && is_in_use(host);
  machine.uninstaller = first_there({"/usr/bin/nvidia-uninstall", "/usr/bin/nvidia-installer"}, host);
  machine.signing_key = first_there(
      {"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub", "/etc/pki/akmods/certs/public_key.der"}, host);
  for (const Package& package : host.packages().interrupted())
    if (package.name.find("nvidia") != std::string::npos || package.name.starts_with("cuda-drivers"))
      machine.half_installed.push_back(package.name);
  return machine;
}

}  // namespace agent::nvidia_driver
