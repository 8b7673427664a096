#include <algorithm>
#include <cstdio>
#include <map>

#include <agent/host/fact_groups.hpp>

namespace agent::facts {
namespace {

constexpr const char* link_kinds[] = {"ids", "labels", "masters", "uuids"};

/// Names under which udev knows the devices: kind of link -> device -> names.
using Links = std::map<std::string, std::map<std::string, Strings>>;

void read_links(Links& links, const Host& host, const std::string& kind, const Path& directory) {
  for (const auto& name : host.list(directory))
    if (const auto info = host.stat(directory / name, false); info && info->is_link())
      links[kind][Path(info->target).filename().string()].push_back(name);
}

Links read_links(const Host& host) {
  Links links;
  for (const char* kind : link_kinds) links[kind];
  read_links(links, host, "ids", "/dev/disk/by-id");
  read_links(links, host, "labels", "/dev/disk/by-label");
  read_links(links, host, "uuids", "/dev/disk/by-uuid");
  for (const auto& block : host.list("/sys/block"))
    for (const auto& slave : host.list(Path("/sys/block") / block / "slaves")) links["masters"][slave].push_back(block);
  return links;
}

Map links_of(const Links& links, const std::string& device) {
  Map found;
  for (const auto& [kind, devices] : links) {
    const auto names = devices.find(device);
    found.set(kind, names == devices.end() ? Strings{} : names->second);
  }
  return found;
}

std::string human(double bytes) {
  static constexpr std::pair<double, const char*> units[] = {{1ull << 60, "EB"}, {1ull << 50, "PB"},
                                                             {1ull << 40, "TB"}, {1ull << 30, "GB"},
                                                             {1ull << 20, "MB"}, {1ull << 10, "KB"}};
  double size = bytes;
  const char* unit = "Bytes";
  for (const auto& [limit, name] : units)
    if (bytes >= limit) {
      size = bytes / limit;
      unit = name;
      break;
    }
  char text[48];
  std::snprintf(text, sizeof text, "%.2f %s", size, unit);
  return text;
}

/// Size and sector size, which the kernel counts in 512 bytes whatever the device does.
void put_size(Map& facts, const Host& host, const Path& directory, const Path& queue) {
  const std::string sector = text_of(host, queue / "logical_block_size").value_or("512");
  const std::int64_t size = number_of(text_of(host, directory / "size").value_or("0")) * 512;
  facts.set("sectorsize", sector);
  facts.set("sectors", size / std::max<std::int64_t>(number_of(sector), 1));
  facts.set("size", human(static_cast<double>(size)));
}

Map partition(const Host& host, const Links& links, const Path& directory, const std::string& name) {
  Map found{{"links", links_of(links, name)},
            {"start", text_of(host, directory / "start").value_or("0")},
            {"holders", host.list(directory / "holders")}};
  put_size(found, host, directory, directory / "queue");
  const auto& uuids = links.at("uuids");
  const auto uuid = uuids.find(name);
  found.set("uuid", uuid == uuids.end() ? Value() : Value(uuid->second.front()));
  return found;
}

std::string scheduler(const Host& host, const Path& queue) {
  const std::string text = text_of(host, queue / "scheduler").value_or("");
  const auto open = text.find('[');
  return open == std::string::npos ? "" : text.substr(open + 1, text.find(']', open) - open - 1);
}

Map device(const Host& host, const Links& links, const Path& directory, const std::string& name) {
  const Path queue = directory / "queue";
  Map found{
      {"virtual", 1}, {"links", links_of(links, name)}, {"host", ""}, {"holders", host.list(directory / "holders")}};
  for (const char* key : {"vendor", "model", "sas_address", "sas_device_handle"})
    found.set(key, or_null(text_of(host, directory / "device" / key)));
  if (const auto serial = text_of(host, directory / "device/serial")) found.set("serial", *serial);
  found.set("removable", or_null(text_of(host, directory / "removable")));
  const bool discards = text_of(host, queue / "discard_max_hw_bytes").value_or("0") != "0";
  found.set("support_discard", discards ? or_null(text_of(host, queue / "discard_granularity")) : Value("0"));
  found.set("rotational", or_null(text_of(host, queue / "rotational")));
  found.set("scheduler_mode", scheduler(host, queue));
  put_size(found, host, directory, queue);
  Map partitions;
  for (const auto& entry : host.list(directory))
    if (entry.rfind(name, 0) == 0) partitions.set(entry, partition(host, links, directory / entry, entry));
  found.set("partitions", partitions);
  return found;
}

}  // namespace

void devices(Map& facts, const Host& host) {
  const Links links = read_links(host);
  Map found, all_links;
  for (const auto& name : host.list("/sys/block"))
    found.set(name, device(host, links, Path("/sys/block") / name, name));
  for (const auto& [kind, devices_of_kind] : links) {
    Map names;
    for (const auto& [device_name, its_names] : devices_of_kind) names.set(device_name, its_names);
    all_links.set(kind, names);
  }
  facts.set("devices", found);
  facts.set("device_links", all_links);
}

}  // namespace agent::facts
