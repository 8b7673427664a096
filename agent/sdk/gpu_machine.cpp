#include <algorithm>
#include <charconv>
#include <string_view>

#include <agent/sdk/gpu_machine.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

int number_in(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// ---- user space -----------------------------------------------------------------------------------------------------

/// "550.54.15" of "libcuda.so.550.54.15"; "libcuda.so.1" has no version to tell.
std::string version_in(const std::string& library) {
  const std::string_view stem = "libcuda.so.";
  const auto at = library.find(stem);
  if (at == std::string::npos) return "";
  const std::string version = library.substr(at + stem.size());
  return version.find('.') == std::string::npos ? "" : version;
}

void read_libcuda(const Host& host, GpuMachine& machine) {
  const std::string triplet = host.system().architecture + "-linux-gnu";
  for (const Path& folder : {Path("/usr/lib") / triplet, Path("/usr/lib64"), Path("/lib") / triplet, Path("/usr/lib"),
                             Path("/usr/lib/wsl/lib"), Path("/usr/local/nvidia/lib64")}) {
    if (!host.stat(folder / "libcuda.so.1")) continue;
    const Path file = resolve_links(folder / "libcuda.so.1", host);
    machine.libcuda = file.string();
    machine.userland = version_in(file.filename().string());
    return;
  }
}

// ---- device nodes ---------------------------------------------------------------------------------------------------

bool may_use(const FileInfo& node, const Host& host) {
  const User& self = host.self();
  if (self.uid == 0) return true;
  if (node.uid == self.uid) return (node.mode & 0600) == 0600;
  const auto group = host.group(std::to_string(node.gid));
  const bool is_member = node.gid == self.gid || (group && std::find(group->members.begin(), group->members.end(),
                                                                     self.name) != group->members.end());
  return is_member ? (node.mode & 0060) == 0060 : (node.mode & 0006) == 0006;
}

bool is_card_or_control(const std::string& name) {
  return name == "nvidiactl" || name == "nvidia-uvm" ||
         (name.starts_with("nvidia") && name.size() > 6 &&
          name.find_first_not_of("0123456789", 6) == std::string::npos);
}

void read_nodes(const Host& host, GpuMachine& machine) {
  for (const auto& name : host.list("/dev")) {
    if (!is_card_or_control(name)) continue;
    const auto node = host.stat(Path("/dev") / name);
    if (!node) continue;
    machine.nodes.push_back("/dev/" + name);
    if (may_use(*node, host)) continue;
    machine.forbidden.push_back("/dev/" + name);
    if (const auto group = host.group(std::to_string(node->gid)); group && machine.group.empty())
      machine.group = group->name;
  }
}

// ---- around it ------------------------------------------------------------------------------------------------------

std::string container_of(const Host& host) {
  if (host.stat("/.dockerenv")) return "docker";
  if (host.stat("/run/.containerenv")) return "podman";
  if (auto named = kernel_line("/run/systemd/container", host); !named.empty()) return named;
  return host.environment("container").value_or("");
}

}  // namespace

std::string kernel_line(const Path& file, const Host& host) {
  try {
    return text::trimmed(host.read(file).value_or(""));
  } catch (const Error&) {
    return "";  // a file of the kernel's that may not be read tells nothing
  }
}

std::vector<GpuMachine::Card> nvidia_cards(const Host& host) {
  std::vector<GpuMachine::Card> cards;
  const Path bus = "/sys/bus/pci/devices";
  for (const auto& slot : host.list(bus)) {
    // Class 03 is a display controller; the sound and USB functions of a card are not one.
    if (kernel_line(bus / slot / "vendor", host) != "0x10de" ||
        !kernel_line(bus / slot / "class", host).starts_with("0x03"))
      continue;
    GpuMachine::Card card{.slot = slot, .device = kernel_line(bus / slot / "device", host), .bound = ""};
    if (card.device.starts_with("0x")) card.device.erase(0, 2);
    if (const auto driver = host.stat(bus / slot / "driver", false); driver && driver->is_link())
      card.bound = Path(driver->target).filename().string();
    cards.push_back(std::move(card));
  }
  return cards;
}

bool has_nvidia_module(const std::string& kernel, const Host& host) {
  for (const char* tree : {"/lib/modules", "/usr/lib/modules"}) {
    const Path modules = Path(tree) / kernel;
    for (const char* corner : {"updates/dkms", "updates", "extra", "extra/nvidia", "extra/drivers/video/nvidia",
                               "kernel/nvidia-*", "kernel/drivers/video", "weak-updates/nvidia"})
      for (const Path& folder : glob(corner, modules, host))
        for (const auto& file : host.list(folder))
          if (file.starts_with("nvidia.ko") || file.starts_with("nvidia-current.ko")) return true;
  }
  return false;
}

std::optional<bool> read_secure_boot(const Host& host) {
  // Four bytes of attributes, then the value (UEFI specification, section 3.3).
  const std::string said = [&] {
    try {
      return host.read("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c").value_or("");
    } catch (const Error&) {
      return std::string();
    }
  }();
  if (said.size() < 5) return std::nullopt;
  return said[4] == 1;
}

std::string nvidia_module_version(const std::string& text) {
  const auto module = text.find("Module");
  if (module == std::string::npos) return "";
  // "Kernel Module  550.54.15", "Open Kernel Module for x86_64  560.35.03": the first number with a dot.
  for (auto at = text.find_first_of("0123456789", module); at != std::string::npos;
       at = text.find_first_of("0123456789", at)) {
    const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    const std::string number = text.substr(at, end - at);
    if (text[at - 1] == ' ' && number.find('.') != std::string::npos) return number;
    at = end;
    if (at == text.size()) break;
  }
  return "";
}

std::string oldest_driver(const std::string& cuda_version) {
  const std::string major = cuda_version.substr(0, cuda_version.find('.'));
  if (major == "13") return "580.65.06";
  if (major == "12") return "525.60.13";
  if (major == "11") return cuda_version.starts_with("11.0") ? "450.36.06" : "450.80.02";
  return "";
}

bool runs_on(const Strings& architectures, const std::string& capability) {
  const auto dot = capability.find('.');
  const int device = number_in(std::string_view(capability).substr(0, dot)) * 10 +
                     number_in(std::string_view(capability).substr(std::min(dot, capability.size() - 1) + 1));
  return std::any_of(architectures.begin(), architectures.end(), [&](const std::string& entry) {
    const int built = number_in(std::string_view(entry).substr(entry.find('_') + 1));
    const bool exact = entry.ends_with('a') || entry.ends_with('f');  // for this capability, or its family, alone
    if (exact)
      return entry.starts_with("sm_") &&
             (entry.ends_with('a') ? built == device : built / 10 == device / 10 && built <= device);
    if (entry.starts_with("compute_")) return built <= device;
    return built / 10 == device / 10 && built <= device;
  });
}

GpuMachine read_gpu_machine(const Host& host) {
  GpuMachine machine;
  machine.cards = nvidia_cards(host);
  const std::string said = kernel_line("/proc/driver/nvidia/version", host);
  machine.loaded = nvidia_module_version(said);
  if (machine.loaded.empty()) machine.loaded = kernel_line("/sys/module/nvidia/version", host);
  machine.is_open_module = said.find("Open Kernel Module") != std::string::npos;
  machine.has_nouveau = host.stat("/sys/module/nouveau").has_value();
  machine.has_uvm = host.stat("/sys/module/nvidia_uvm").has_value();
  const std::string kernel = host.system().kernel;
  machine.has_module_file = has_nvidia_module(kernel, host);
  if (!machine.has_module_file)
    for (const auto& other : host.list("/lib/modules"))
      if (other != kernel && has_nvidia_module(other, host)) machine.other_kernels.push_back(other);
  read_libcuda(host, machine);
  machine.secure_boot = read_secure_boot(host);
  machine.user = host.self().name;
  read_nodes(host, machine);
  machine.container = container_of(host);
  return machine;
}

}  // namespace agent
