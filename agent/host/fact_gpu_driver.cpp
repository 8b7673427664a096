#include <algorithm>

#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>
#include <agent/sdk/gpu_machine.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

constexpr std::chrono::milliseconds patience{5000};

bool is_loaded(const Host& host, const std::string& module) {
  const auto modules = host.read("/proc/modules");
  if (!modules) return false;
  for (const std::string& line : text::lines_of(*modules))
    if (line.starts_with(module + " ")) return true;
  return false;
}

Value asked_modinfo(const Host& host, const std::string& field) {
  try {
    const Output output = host.query({.argv = {"modinfo", "-F", field, "nvidia"}, .deadline = patience});
    if (!output.unknown.empty()) return Value::unknown(output.unknown);
    const std::string text = text::trimmed(output.out);
    return output.rc == 0 && !text.empty() ? Value(text) : Value();
  } catch (const Error&) {  // no answer in time
    return {};
  }
}

/// "open" or "proprietary", from what the module says of itself, loaded or on the disk.
Value kind_of_module(const std::string& said, const Value& license) {
  if (!said.empty()) return said.find("Open Kernel Module") != std::string::npos ? "open" : "proprietary";
  if (license.is_string()) return license.string() == "NVIDIA" ? "proprietary" : "open";
  return {};
}

std::string userland_version(const Host& host) {
  for (const Path& directory : library_directories(host))
    for (const std::string& file : host.list(directory))
      if (const std::string version = version_of_library(file, "libcuda.so."); !version.empty()) return version;
  return "";
}

List driver_packages(const Host& host) {
  List found;
  const bool is_apt = host.packages().manager() == "apt";
  const Strings names =
      is_apt
          ? Strings{"nvidia-driver*", "nvidia-open*",       "cuda-drivers*", "nvidia-headless*",      "nvidia-dkms*",
                    "nvidia-kernel*", "libnvidia-compute*", "libcuda1",      "linux-modules-nvidia*", "nvidia-tesla*"}
          : Strings{"nvidia-driver*", "nvidia-open*", "cuda-drivers*",
                    "akmod-nvidia*",  "kmod-nvidia*", "xorg-x11-drv-nvidia*"};
  Strings seen;
  for (const std::string& name : names)
    for (const Package& package : host.packages().find(name)) {
      if (package.state != Package::State::installed) continue;
      if (std::find(seen.begin(), seen.end(), package.name) != seen.end()) continue;
      seen.push_back(package.name);
      found.emplace_back(Map{{"name", package.name}, {"version", package.version}, {"held", package.held}});
    }
  return found;
}

/// DKMS keeps its state in directories: MODULE/VERSION/KERNEL/ARCHITECTURE.
List dkms_state(const Host& host) {
  List found;
  for (const char* module : {"nvidia", "nvidia-open", "nvidia-current", "nvidia-current-open"})
    for (const std::string& version : host.list(Path("/var/lib/dkms") / module)) {
      const Path directory = Path("/var/lib/dkms") / module / version;
      const auto info = host.stat(directory, false);
      if (!info || !info->is_directory()) continue;
      bool is_built = false;
      for (const std::string& kernel : host.list(directory)) {
        if (kernel == "build" || kernel == "source" || kernel.empty() || kernel[0] < '0' || kernel[0] > '9') continue;
        is_built = true;
        found.emplace_back(Map{{"module", module},
                               {"version", version},
                               {"kernel", kernel},
                               {"state", has_nvidia_module(kernel, host) ? "installed" : "built"}});
      }
      if (!is_built)
        found.emplace_back(Map{{"module", module}, {"version", version}, {"kernel", Value()}, {"state", "added"}});
    }
  return found;
}

/// Why the machine must be restarted before the driver is whole.
Strings pending(const Map& driver, bool has_nouveau) {
  const auto text = [&](const char* key) {
    const Value* value = driver.find(key);
    return value && value->is_string() ? value->string() : std::string();
  };
  const std::string loaded = text("loaded"), on_disk = text("on_disk"), library = text("library");
  Strings reasons;
  if (!loaded.empty() && !on_disk.empty() && loaded != on_disk)
    reasons.push_back("the loaded module is " + loaded + ", the one on the disk " + on_disk);
  if (!loaded.empty() && !library.empty() && loaded != library)
    reasons.push_back("the loaded module is " + loaded + ", libcuda is " + library);
  if (has_nouveau && !on_disk.empty()) reasons.emplace_back("nouveau is loaded in place of the installed driver");
  return reasons;
}

}  // namespace

Map gpu_driver(const Host& host) {
  const std::string said = text_of(host, "/proc/driver/nvidia/version").value_or("");
  auto loaded = text_of(host, "/sys/module/nvidia/version");
  if (const std::string told = nvidia_module_version(said); !loaded && !told.empty()) loaded = told;
  const Value license = asked_modinfo(host, "license");
  const std::string library = userland_version(host);
  Map driver{{"loaded", or_null(loaded)},
             {"on_disk", asked_modinfo(host, "version")},
             {"library", library.empty() ? Value() : Value(library)},
             {"kind", kind_of_module(said, license)}};
  Strings modules;
  for (const char* module : {"nvidia", "nvidia_uvm", "nvidia_modeset", "nvidia_drm"})
    if (is_loaded(host, module)) modules.emplace_back(module);
  driver.set("modules", modules);
  Strings nodes;
  for (const char* node : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"})
    if (exists(host, node)) nodes.emplace_back(node);
  driver.set("device_nodes", nodes);
  driver.set("packages", driver_packages(host));
  driver.set("dkms", dkms_state(host));
  const Strings reasons = pending(driver, is_loaded(host, "nouveau"));
  driver.set("mismatch", loaded && !library.empty() && *loaded != library);
  driver.set("reboot_pending", !reasons.empty());
  driver.set("reboot_reasons", reasons);
  return driver;
}

Map nouveau(const Host& host) {
  Strings files;
  for (const char* directory : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"})
    for (const std::string& name : host.list(directory)) {
      if (!name.ends_with(".conf")) continue;
      const auto text = text_of(host, Path(directory) / name);
      for (const std::string& line : text::lines_of(text.value_or("")))
        if (text::words_of(line) == Strings{"blacklist", "nouveau"}) {
          files.push_back((Path(directory) / name).string());
          break;
        }
    }
  return {{"loaded", is_loaded(host, "nouveau")}, {"blacklisted", !files.empty()}, {"files", files}};
}

Value secure_boot(const Host& host) {
  if (!exists(host, "/sys/firmware/efi")) return false;  // started by a BIOS
  const auto said = read_secure_boot(host);
  return said ? Value(*said) : Value();
}

}  // namespace agent::facts
