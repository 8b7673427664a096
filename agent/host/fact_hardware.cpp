#include <cmath>
#include <map>

#include <sched.h>

#include <agent/host/fact_groups.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

/// What /proc/cpuinfo says of sockets, cores and threads.
struct Processors {
  List named;  ///< number, vendor and model of each, as they come
  Strings flags;
  std::int64_t vendors = 0, models = 0, numbers = 0, entries = 0;
  std::map<std::string, std::int64_t> sockets;  ///< cores of each physical id
  std::map<std::string, std::int64_t> cores;    ///< siblings at each core id
};

Processors read_cpuinfo(const std::string& text) {
  Processors found;
  std::string socket = "0", core = "0";
  for (const auto& line : text::lines_of(text)) {
    const auto colon = line.find(':');
    const std::string key = text::trimmed(line.substr(0, colon));
    const std::string value = colon == std::string::npos ? "" : text::trimmed(line.substr(colon + 1));
    if (key == "flags") found.flags = text::words_of(value);
    if (key == "model name" || key == "Processor" || key == "vendor_id" || key == "cpu" || key == "Vendor" ||
        key == "processor") {
      found.named.emplace_back(value);
      found.vendors += key == "vendor_id";
      found.models += key == "model name";
      found.numbers += key == "processor";
      ++found.entries;
    } else if (key == "physical id") {
      socket = value;
      found.sockets.emplace(socket, 1);
    } else if (key == "core id") {
      core = value;
      found.cores.emplace(core, 1);
    } else if (key == "cpu cores") {
      found.sockets[socket] = number_of(value);
    } else if (key == "siblings") {
      found.cores[core] = number_of(value);
    }
  }
  return found;
}

std::int64_t usable_processors(std::int64_t otherwise) {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : otherwise;
}

std::string form_factor(const std::string& number) {
  static constexpr const char* names[] = {"Unknown",
                                          "Other",
                                          "Unknown",
                                          "Desktop",
                                          "Low Profile Desktop",
                                          "Pizza Box",
                                          "Mini Tower",
                                          "Tower",
                                          "Portable",
                                          "Laptop",
                                          "Notebook",
                                          "Hand Held",
                                          "Docking Station",
                                          "All In One",
                                          "Sub Notebook",
                                          "Space-saving",
                                          "Lunch Box",
                                          "Main Server Chassis",
                                          "Expansion Chassis",
                                          "Sub Chassis",
                                          "Bus Expansion Chassis",
                                          "Peripheral Chassis",
                                          "RAID Chassis",
                                          "Rack Mount Chassis",
                                          "Sealed-case PC",
                                          "Multi-system",
                                          "CompactPCI",
                                          "AdvancedTCA",
                                          "Blade",
                                          "Blade Enclosure",
                                          "Tablet",
                                          "Convertible",
                                          "Detachable",
                                          "IoT Gateway",
                                          "Embedded PC",
                                          "Mini PC",
                                          "Stick PC"};
  const auto index = static_cast<std::size_t>(number_of(number));
  return index < std::size(names) ? names[index] : "unknown (" + number + ")";
}

}  // namespace

void memory(Map& facts, const Host& host) {
  std::map<std::string, std::int64_t> megabytes;
  for (const auto& line : text::lines_of(text_of(host, "/proc/meminfo").value_or(""))) {
    const auto colon = line.find(':');
    if (colon != std::string::npos) megabytes[line.substr(0, colon)] = number_of(line.substr(colon + 1)) / 1024;
  }
  if (megabytes.count("MemTotal") == 0) return;
  const auto total = megabytes["MemTotal"], free = megabytes["MemFree"];
  const auto not_cached = megabytes["Cached"] + free + megabytes["Buffers"];
  const auto swap = megabytes["SwapTotal"], swap_free = megabytes["SwapFree"];
  facts.set("memtotal_mb", total);
  facts.set("memfree_mb", free);
  facts.set("swaptotal_mb", swap);
  facts.set("swapfree_mb", swap_free);
  facts.set("memory_mb", Map{{"real", Map{{"total", total}, {"used", total - free}, {"free", free}}},
                             {"nocache", Map{{"free", not_cached}, {"used", total - not_cached}}},
                             {"swap", Map{{"total", swap},
                                          {"free", swap_free},
                                          {"used", swap - swap_free},
                                          {"cached", megabytes["SwapCached"]}}}});
}

void processor(Map& facts, const Host& host) {
  const auto text = text_of(host, "/proc/cpuinfo");
  if (!text) return;
  const Processors found = read_cpuinfo(*text);
  const std::string& machine = host.system().architecture;
  const bool counts_numbers =
      machine.rfind("aarch", 0) == 0 || machine.rfind("arm", 0) == 0 || machine.rfind("ppc", 0) == 0;
  std::int64_t all = found.entries;
  if (found.vendors > 0 && found.vendors == found.models) all = found.vendors;
  if (counts_numbers) all = found.numbers;
  const std::int64_t count = found.sockets.empty() ? all : static_cast<std::int64_t>(found.sockets.size());
  const std::int64_t cores =
      found.sockets.empty() || found.sockets.begin()->second == 0 ? 1 : found.sockets.begin()->second;
  const double siblings = found.cores.empty() ? 1 : static_cast<double>(found.cores.begin()->second);
  const auto threads = static_cast<std::int64_t>(std::nearbyint(siblings / static_cast<double>(cores)));
  facts.set("processor", found.named);
  if (!found.flags.empty()) facts.set("flags", found.flags);
  facts.set("processor_count", count);
  facts.set("processor_cores", cores);
  facts.set("processor_threads_per_core", threads);
  facts.set("processor_vcpus", threads * count * cores);
  facts.set("processor_nproc", usable_processors(found.numbers));
}

void uptime(Map& facts, const Host& host) {
  if (const auto text = text_of(host, "/proc/uptime")) facts.set("uptime_seconds", number_of(*text));
}

void dmi(Map& facts, const Host& host) {
  static constexpr std::pair<const char*, const char*> files[] = {{"bios_date", "bios_date"},
                                                                  {"bios_vendor", "bios_vendor"},
                                                                  {"bios_version", "bios_version"},
                                                                  {"board_asset_tag", "board_asset_tag"},
                                                                  {"board_name", "board_name"},
                                                                  {"board_serial", "board_serial"},
                                                                  {"board_vendor", "board_vendor"},
                                                                  {"board_version", "board_version"},
                                                                  {"chassis_asset_tag", "chassis_asset_tag"},
                                                                  {"chassis_serial", "chassis_serial"},
                                                                  {"chassis_vendor", "chassis_vendor"},
                                                                  {"chassis_version", "chassis_version"},
                                                                  {"form_factor", "chassis_type"},
                                                                  {"product_name", "product_name"},
                                                                  {"product_serial", "product_serial"},
                                                                  {"product_uuid", "product_uuid"},
                                                                  {"product_version", "product_version"},
                                                                  {"system_vendor", "sys_vendor"}};
  for (const auto& [fact, file] : files) {
    const auto text = text_of(host, Path("/sys/devices/virtual/dmi/id") / file);
    const bool is_form = std::string_view(fact) == "form_factor";
    facts.set(fact, !text ? "NA" : is_form ? form_factor(*text) : *text);
  }
}

}  // namespace agent::facts
