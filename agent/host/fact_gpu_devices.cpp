#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>
#include <agent/resolver/load.hpp>
#include <agent/resolver/lookup.hpp>
#include <agent/sdk/gpu_machine.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

/// "Model: \t NVIDIA GeForce RTX 3070" -> the part behind the colon.
void put_information(Map& device, const Host& host, const std::string& address) {
  const auto text = text_of(host, Path("/proc/driver/nvidia/gpus") / address / "information");
  if (!text) return;
  for (const std::string& line : text::lines_of(*text)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string value = text::trimmed(line.substr(colon + 1));
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
  for (const GpuMachine::Card& card : nvidia_cards(host)) {
    Map device{{"pci", card.slot}, {"id", "10de:" + card.device}};
    device.set("driver", card.bound.empty() ? Value() : Value(card.bound));
    put_information(device, host, card.slot);
    if (!tables) tables = resolver::load(resolver::folders());
    put_identity(device, *tables, card.device);
    devices.emplace_back(std::move(device));
  }
  return devices;
}

}  // namespace agent::facts
