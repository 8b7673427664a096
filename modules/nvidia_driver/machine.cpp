#include "machine.hpp"

#include <algorithm>
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

std::string line_of(const Path& file, const Host& host) {
  try {
    std::string text = host.read(file).value_or("");
    text.erase(text.find_last_not_of(" \n\t") + 1);
    return text;
  } catch (const Error&) {
    return "";  // a file of the kernel's that may not be read tells nothing
  }
}

std::vector<Card> cards(const Host& host) {
  std::vector<Card> found;
  const Path bus = "/sys/bus/pci/devices";
  for (const std::string& slot : host.list(bus)) {
    // Class 03 is a display controller; the sound and USB functions of a card are not one.
    if (line_of(bus / slot / "vendor", host) != "0x10de" || !line_of(bus / slot / "class", host).starts_with("0x03"))
      continue;
    std::string device = line_of(bus / slot / "device", host);
    if (device.starts_with("0x")) device.erase(0, 2);
    found.push_back({slot, device, architecture_of(device)});
  }
  return found;
}

// The references that other modules of the driver hold are no use of it.
bool is_in_use(const Host& host) {
  const int references = std::atoi(line_of("/sys/module/nvidia/refcnt", host).c_str());
  return references > static_cast<int>(host.list("/sys/module/nvidia/holders").size());
}

bool has_module_file(const Host& host) {
  for (const char* tree : {"/lib/modules", "/usr/lib/modules"})
    for (const char* corner : {"updates/dkms", "updates", "extra", "extra/nvidia", "kernel/drivers/video",
                               "kernel/nvidia", "weak-updates/nvidia"})
      for (const std::string& file : host.list(Path(tree) / host.system().kernel / corner))
        if (file.starts_with("nvidia.ko") || file.starts_with("nvidia-current.ko")) return true;
  return false;
}

std::optional<bool> secure_boot(const Host& host) {
  try {
    // Four bytes of attributes, then the value (UEFI specification, section 3.3).
    const auto said = host.read("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
    if (!said || said->size() < 5) return std::nullopt;
    return (*said)[4] == 1;
  } catch (const Error&) {
    return std::nullopt;
  }
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
  Machine machine{.cards = cards(host), .loaded = line_of("/sys/module/nvidia/version", host)};
  machine.loaded_open = line_of("/proc/driver/nvidia/version", host).find("Open Kernel Module") != std::string::npos;
  machine.is_in_use = !machine.loaded.empty() && is_in_use(host);
  machine.has_nouveau = host.stat("/sys/module/nouveau").has_value();
  machine.has_module_file = has_module_file(host);
  machine.secure_boot = secure_boot(host);
  machine.uninstaller = first_there({"/usr/bin/nvidia-uninstall", "/usr/bin/nvidia-installer"}, host);
  machine.signing_key = first_there(
      {"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub", "/etc/pki/akmods/certs/public_key.der"}, host);
  for (const Package& package : host.packages().interrupted())
    if (package.name.find("nvidia") != std::string::npos || package.name.starts_with("cuda-drivers"))
      machine.half_installed.push_back(package.name);
  return machine;
}

}  // namespace agent::nvidia_driver
