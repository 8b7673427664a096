#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>
#include <agent/resolver/load.hpp>
#include <agent/resolver/lookup.hpp>

namespace agent::facts {
namespace {

/// "2484" of "0x2484".
std::string hex_digits(const std::optional<std::string>& text) {
  return text && text->starts_with("0x") ? text->substr(2) : text.value_or("");
}

/// "Model: \t NVIDIA GeForce RTX 3070" -> the part behind the colon.
void put_information(Map& device, const Host& host, const std::string& address) {
  const auto text = text_of(host, Path("/proc/driver/nvidia/gpus") / address / "information");
  if (!text) return;
  for (const std::string& line : lines_of(*text)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string value = trimmed(line.substr(colon + 1));
    if (line.starts_with("Model")) device.set("model", value);
    if (line.starts_with("GPU UUID") && value.find('?') == std::string::npos) device.set("uuid", value);
  }
}

/// The tables are read once they are needed: most machines have no card of NVIDIA's.
void put_identity(Map& device, const resolver::Tables& tables, const std::string& id) {
  const resolver::Gpu* gpu = resolver::gpu_of_device(id, tables);
  if (!gpu && device.contains("model")) gpu = resolver::gpu_of_name(device.find("model")->string(), tables);
  device.set("name", gpu ? Value(gpu->name) : device.contains("model") ? *device.find("model") : Value());
  device.set("capability", gpu ? Value(resolver::shown_capability(gpu->capability)) : Value());
  device.set("architecture", gpu ? Value(gpu->architecture) : Value());
}

}  // namespace

List gpu_devices(const Host& host) {
  List devices;
  std::optional<resolver::Tables> tables;
  const Path bus = "/sys/bus/pci/devices";
  for (const std::string& address : host.list(bus)) {
    const Path directory = bus / address;
    const std::string kind = hex_digits(text_of(host, directory / "class"));
    if (!kind.starts_with("03") || hex_digits(text_of(host, directory / "vendor")) != "10de") continue;
    const std::string id = hex_digits(text_of(host, directory / "device"));
    Map device{{"pci", address}, {"id", "10de:" + id}};
    const auto driver = host.stat(directory / "driver", false);
    device.set("driver", driver && driver->is_link() ? Value(Path(driver->target).filename().string()) : Value());
    put_information(device, host, address);
    if (!tables) tables = resolver::load(resolver::folders());
    put_identity(device, *tables, id);
    devices.emplace_back(std::move(device));
  }
  return devices;
}

}  // namespace agent::facts
