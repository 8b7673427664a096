#include "gpu_machines.hpp"

#include <agent/sdk/error.hpp>

namespace agent::test {

FakeHost machine_with_environment() {
  FakeHost host;
  host.with_file("/usr/bin/python3.11", "", 0755)
      .with_link("/usr/bin/python3", "python3.11")
      .with_file("/usr/lib/python3.11/os.py", "")
      .with_file("/ml/env/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
      .with_link("/ml/env/bin/python", "/usr/bin/python3")
      .with_directory("/ml/env/lib/python3.11/site-packages");
  return host;
}

FakeHost& with_card(FakeHost& host, const std::string& bound) {
  const Path slot = "/sys/bus/pci/devices/0000:01:00.0", sound = "/sys/bus/pci/devices/0000:01:00.1";
  host.with_file(slot / "vendor", "0x10de\n")
      .with_file(slot / "class", "0x030000\n")
      .with_file(slot / "device", "0x2484\n")
      .with_file(sound / "vendor", "0x10de\n")
      .with_file(sound / "class", "0x040300\n");
  if (!bound.empty()) host.with_link(slot / "driver", "../../../../bus/pci/drivers/" + bound);
  if (bound == "nouveau") host.with_directory("/sys/module/nouveau");
  return host;
}

FakeHost& with_driver(FakeHost& host, const std::string& version, const std::string& userland) {
  const std::string libraries = userland.empty() ? version : userland;
  const Path folder = "/usr/lib/x86_64-linux-gnu";
  host.with_file("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version +
                                                    "  Sun May 12 19:39:15 UTC 2024\nGCC version:  gcc 12\n")
      .with_file("/sys/module/nvidia/version", version + "\n")
      .with_directory("/sys/module/nvidia_uvm")
      .with_file(folder / ("libcuda.so." + libraries), "")
      .with_link(folder / "libcuda.so.1", "libcuda.so." + libraries);
  for (const char* node : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"}) host.with_file(node, "", 0666);
  return host;
}

FakeHost machine_with_gpu(const std::string& driver) {
  FakeHost host = machine_with_environment();
  with_card(host, driver.empty() ? "" : "nvidia");
  if (!driver.empty()) with_driver(host, driver);
  return host;
}

Output probe_says(const std::string& report, const std::string& err) {
  return {.out =
              "a line of somebody else's\n\nagent-verify:stage \"import\"\n\nagent-verify:stage \"done\"\n\n"
              "agent-verify:report " +
              report + "\n",
          .err = err};
}

FakeHost& answering(FakeHost& host, const Output& output) {
  return host.answers_with([output](FakeHost&, const Strings& argv) -> std::optional<Output> {
    return argv.size() > 1 && argv[1] == "-c" ? std::optional(output) : std::nullopt;
  });
}

std::string refusal(const Module& module, const Args& args, const FakeHost& host) {
  try {
    module.check(args, host);
  } catch (const Error& error) {
    std::string text = error.message();
    for (const auto& hint : error.hints()) text += "\nhint: " + hint;
    return text;
  }
  return "no error";
}

Map verified(const Module& module, const Args& args, const FakeHost& host) {
  try {
    return module.check(args, host).result;
  } catch (const Error& error) {
    return error.result();
  }
}

std::string chain_of(const Map& result) {
  std::string all;
  const Value* chain = result.find("chain");
  if (!chain) return "no chain";
  for (const auto& link : chain->list())
    all += (all.empty() ? "" : ", ") + link["link"].string() + " " + link["state"].string();
  return all;
}

}  // namespace agent::test
