#include <cstring>
#include <map>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <agent/host/fact_groups.hpp>
#include <agent/host/source_address.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

/// One address of one interface.
struct Address {
  std::string label;  ///< the interface, or an alias of it ("eth0:1")
  std::string text;
  std::string broadcast, netmask, network;  ///< of version 4
  std::string prefix;
  std::string scope;  ///< of version 6
};
struct Addresses {
  std::map<std::string, std::vector<Address>> four, six;  ///< by interface
  Strings all_four, all_six;                              ///< without the loopback's
};

std::string text_of_four(std::uint32_t network_order) {
  char text[INET_ADDRSTRLEN];
  ::inet_ntop(AF_INET, &network_order, text, sizeof text);
  return text;
}

std::string text_of_six(const in6_addr& address) {
  char text[INET6_ADDRSTRLEN];
  ::inet_ntop(AF_INET6, &address, text, sizeof text);
  return text;
}

int bits_set(const unsigned char* bytes, std::size_t size) {
  int bits = 0;
  for (std::size_t i = 0; i < size; ++i) bits += __builtin_popcount(bytes[i]);
  return bits;
}

Address version_four(const ifaddrs& entry) {
  const auto number = [](const sockaddr* address) {
    sockaddr_in in{};
    if (address != nullptr) std::memcpy(&in, address, sizeof in);
    return in.sin_addr.s_addr;
  };
  const std::uint32_t address = number(entry.ifa_addr), mask = number(entry.ifa_netmask);
  Address found;
  found.text = text_of_four(address);
  if ((entry.ifa_flags & IFF_BROADCAST) != 0 && entry.ifa_broadaddr != nullptr)
    found.broadcast = text_of_four(number(entry.ifa_broadaddr));
  if (found.broadcast == "0.0.0.0" || found.broadcast == found.text) found.broadcast.clear();
  found.netmask = text_of_four(mask);
  found.network = text_of_four(address & mask);
  found.prefix = std::to_string(bits_set(reinterpret_cast<const unsigned char*>(&mask), sizeof mask));
  return found;
}

Address version_six(const ifaddrs& entry) {
  sockaddr_in6 address{}, mask{};
  std::memcpy(&address, entry.ifa_addr, sizeof address);
  if (entry.ifa_netmask != nullptr) std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
  Address found;
  found.text = text_of_six(address.sin6_addr);
  found.prefix = std::to_string(bits_set(mask.sin6_addr.s6_addr, sizeof mask.sin6_addr.s6_addr));
  found.scope = IN6_IS_ADDR_LOOPBACK(&address.sin6_addr)    ? "host"
                : IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) ? "link"
                : IN6_IS_ADDR_SITELOCAL(&address.sin6_addr) ? "site"
                                                            : "global";
  return found;
}

Addresses read_addresses() {
  Addresses found;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return found;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    const std::string label = entry->ifa_name;
    const std::string interface = label.substr(0, label.find(':'));
    if (entry->ifa_addr->sa_family == AF_INET) {
      found.four[interface].push_back(version_four(*entry));
      found.four[interface].back().label = label;
      const std::string& text = found.four[interface].back().text;
      if (text.rfind("127.", 0) != 0) found.all_four.push_back(text);
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      found.six[interface].push_back(version_six(*entry));
      const std::string& text = found.six[interface].back().text;
      if (text != "::1") found.all_six.push_back(text);
    }
  }
  return found;
}

Map as_facts(const Address& address) {
  return {{"address", address.text},
          {"broadcast", address.broadcast},
          {"netmask", address.netmask},
          {"network", address.network},
          {"prefix", address.prefix}};
}

std::string type_of(const Host& host, const Path& directory) {
  static const std::map<std::string, std::string> types = {
      {"1", "ether"}, {"32", "infiniband"}, {"512", "ppp"}, {"772", "loopback"}, {"65534", "tunnel"}};
  if (exists(host, directory / "bonding")) return "bonding";
  if (exists(host, directory / "bridge")) return "bridge";
  const auto found = types.find(text_of(host, directory / "type").value_or(""));
  return found == types.end() ? "unknown" : found->second;
}

void put_bridge(Map& facts, const Host& host, const Path& directory) {
  facts.set("interfaces", host.list(directory / "brif"));
  if (const auto id = text_of(host, directory / "bridge/bridge_id")) facts.set("id", *id);
  if (const auto state = text_of(host, directory / "bridge/stp_state")) facts.set("stp", *state == "1");
}

void put_bond(Map& facts, const Host& host, const Path& directory) {
  const auto first_word = [&](const char* name) {
    const Strings words = text::words_of(text_of(host, directory / "bonding" / name).value_or(""));
    return words.empty() ? std::string() : words.front();
  };
  facts.set("slaves", text::words_of(text_of(host, directory / "bonding/slaves").value_or("")));
  for (const char* name : {"mode", "miimon", "lacp_rate"}) facts.set(name, first_word(name));
  if (const auto primary = text_of(host, directory / "bonding/primary")) facts.set("primary", *primary);
}

Map interface_facts(const Host& host, const std::string& name, const Addresses& addresses) {
  const Path directory = Path("/sys/class/net") / name;
  Map facts{{"device", name}, {"type", type_of(host, directory)}};
  const auto mac = text_of(host, directory / "address");
  if (mac && *mac != "00:00:00:00:00:00") facts.set("macaddress", *mac);
  if (const auto mtu = text_of(host, directory / "mtu")) facts.set("mtu", number_of(*mtu));
  if (const auto state = text_of(host, directory / "operstate")) facts.set("active", *state != "down");
  if (const auto speed = text_of(host, directory / "speed")) facts.set("speed", number_of(*speed));
  if (const auto flags = text_of(host, directory / "flags"))
    facts.set("promisc", (std::stoul(*flags, nullptr, 16) & IFF_PROMISC) != 0);
  if (const auto device = host.stat(directory / "device", false); device && device->is_link())
    facts.set("pciid", Path(device->target).filename().string());
  if (const auto module = host.stat(directory / "device/driver/module", false); module && module->is_link())
    facts.set("module", Path(module->target).filename().string());
  if (exists(host, directory / "bridge")) put_bridge(facts, host, directory);
  if (exists(host, directory / "bonding")) put_bond(facts, host, directory);
  List secondaries, sixes;
  if (const auto four = addresses.four.find(name); four != addresses.four.end())
    for (const auto& address : four->second) {
      if (!facts.contains("ipv4"))
        facts.set("ipv4", as_facts(address));
      else
        secondaries.emplace_back(as_facts(address));
    }
  if (!secondaries.empty()) facts.set("ipv4_secondaries", secondaries);
  if (const auto six = addresses.six.find(name); six != addresses.six.end())
    for (const auto& address : six->second)
      sixes.emplace_back(Map{{"address", address.text}, {"prefix", address.prefix}, {"scope", address.scope}});
  if (!sixes.empty()) facts.set("ipv6", sixes);
  return facts;
}

/// The gateway of the default route over an interface, from the kernel's table.
std::string gateway_four(const Host& host, const std::string& interface) {
  for (const auto& line : text::lines_of(text_of(host, "/proc/net/route").value_or(""))) {
    const Strings words = text::words_of(line);  // Iface Destination Gateway ...
    if (words.size() > 2 && words[0] == interface && words[1] == "00000000" && words[2] != "00000000")
      return text_of_four(static_cast<std::uint32_t>(std::stoul(words[2], nullptr, 16)));
  }
  return "";
}

std::string gateway_six(const Host& host, const std::string& interface) {
  for (const auto& line : text::lines_of(text_of(host, "/proc/net/ipv6_route").value_or(""))) {
    const Strings words =
        text::words_of(line);  // destination, its prefix, source, its prefix, next hop, ..., interface
    if (words.size() < 10 || words[9] != interface || words[1] != "00") continue;
    if (words[0].find_first_not_of('0') != std::string::npos || words[4].find_first_not_of('0') == std::string::npos)
      continue;
    in6_addr hop{};
    for (std::size_t i = 0; i < 16; ++i)
      hop.s6_addr[i] = static_cast<unsigned char>(std::stoul(words[4].substr(2 * i, 2), nullptr, 16));
    return text_of_six(hop);
  }
  return "";
}

void copy_link_facts(Map& facts, const Map& interface) {
  for (const char* key : {"macaddress", "mtu", "type"})
    if (const Value* value = interface.find(key)) facts.set(key, *value);
}

Map default_of(const Host& host, int family, const Addresses& addresses, const Map& all) {
  const bool is_four = family == AF_INET;
  const std::string source = source_address_towards(family, is_four ? "8.8.8.8" : "2404:6800:400a:800::1012");
  Map found;
  for (const auto& [interface, its_addresses] : is_four ? addresses.four : addresses.six)
    for (const auto& address : its_addresses) {
      if (address.text != source || source.empty()) continue;
      found = is_four ? as_facts(address)
                      : Map{{"address", address.text}, {"prefix", address.prefix}, {"scope", address.scope}};
      found.set("interface", interface);
      if (is_four) found.set("alias", address.label);
      const std::string gateway = is_four ? gateway_four(host, interface) : gateway_six(host, interface);
      if (!gateway.empty()) found.set("gateway", gateway);
      if (const Value* link = all.find(interface)) copy_link_facts(found, link->map());
    }
  return found;
}

std::string fact_name(std::string interface) {
  for (char& c : interface)
    if (c == ':') c = '_';
  return interface;
}

}  // namespace

void network(Map& facts, const Host& host) {
  const Addresses addresses = read_addresses();
  Map all;
  List names;
  for (const auto& name : host.list("/sys/class/net")) {
    if (!exists(host, Path("/sys/class/net") / name / "mtu")) continue;  // "bonding_masters" is a file
    all.set(name, interface_facts(host, name, addresses));
    names.emplace_back(fact_name(name));
  }
  facts.set("interfaces", names);
  for (const auto& [name, interface] : all) facts.set(fact_name(name), interface);
  facts.set("default_ipv4", default_of(host, AF_INET, addresses, all));
  facts.set("default_ipv6", default_of(host, AF_INET6, addresses, all));
  facts.set("all_ipv4_addresses", addresses.all_four);
  facts.set("all_ipv6_addresses", addresses.all_six);
}

}  // namespace agent::facts
