#include <algorithm>

#include <arpa/inet.h>

#include <agent/template/compare.hpp>
#include <agent/template/ip_address.hpp>

namespace agent::jinja {

namespace {

Uint128 ones(int count) {
  return count >= 128 ? ~Uint128{0} : (Uint128{1} << count) - 1;
}

std::string digits_of(Uint128 number) {
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number > 0);
  std::reverse(text.begin(), text.end());
  return text;
}

bool in_any(const IpAddress& address, std::initializer_list<const char*> networks) {
  return std::any_of(networks.begin(), networks.end(), [&](const char* text) {
    const auto network = parse_network(text);
    return network && network->contains({address, address.width()});
  });
}

// 255.255.255.0 -> 24; nothing for what is no mask.
std::optional<int> prefix_of_mask(const IpAddress& mask) {
  for (int prefix = 0; prefix <= mask.width(); ++prefix)
    if (IpNetwork{{mask.version, 0}, prefix}.mask() == mask) return prefix;
  return std::nullopt;
}

}  // namespace

IpAddress ipv4(std::uint32_t bits) {
  return {4, bits};
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  unsigned char bytes[16];
  const int size = version == 4 ? 4 : 16;
  for (int i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(bits >> (8 * (size - 1 - i)) & 0xff);
  inet_ntop(version == 4 ? AF_INET : AF_INET6, bytes, buffer, sizeof buffer);
  return buffer;
}

IpAddress IpAddress::plus(std::uint64_t count) const {
  return {version, (bits + count) & ones(width())};
}

IpAddress IpAddress::minus(std::uint64_t count) const {
  return {version, (bits - count) & ones(width())};
}

IpAddress IpAddress::plus_shifted(std::uint64_t count, int shift) const {
  return {version, (bits + (Uint128{count} << shift)) & ones(width())};
}

IpAddress IpNetwork::first() const {
  return {address.version, address.bits & mask().bits};
}

IpAddress IpNetwork::last() const {
  return {address.version, address.bits | host_mask().bits};
}

IpAddress IpNetwork::mask() const {
  return {address.version, ones(width()) ^ ones(width() - prefix)};
}

IpAddress IpNetwork::host_mask() const {
  return {address.version, ones(width() - prefix)};
}

Uint128 IpNetwork::size() const {
  return width() - prefix >= 128 ? ~Uint128{0} : Uint128{1} << (width() - prefix);
}

bool IpNetwork::contains(const IpNetwork& other) const {
  return address.version == other.address.version && other.prefix >= prefix &&
         (other.address.bits & mask().bits) == first().bits;
}

std::optional<IpAddress> IpNetwork::nth(std::int64_t n) const {
  const auto distance = static_cast<std::uint64_t>(n < 0 ? -(n + 1) : n);
  if (Uint128{distance} >= size()) return std::nullopt;
  return n < 0 ? last().minus(distance) : first().plus(distance);
}

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string name(text);
  unsigned char bytes[16];
  int size = 0;
  if (inet_pton(AF_INET, name.c_str(), bytes) == 1)
    size = 4;
  else if (inet_pton(AF_INET6, name.c_str(), bytes) == 1)
    size = 16;
  else
    return std::nullopt;
  Uint128 bits = 0;
  for (int i = 0; i < size; ++i) bits = bits << 8 | bytes[i];
  return IpAddress{size == 4 ? 4 : 6, bits};
}

std::optional<IpNetwork> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return IpNetwork{*address, address->width()};
  const std::string_view size = text.substr(slash + 1);
  if (const auto mask = parse_address(size); mask && mask->version == address->version) {
    const auto prefix = prefix_of_mask(*mask);
    return prefix ? std::optional(IpNetwork{*address, *prefix}) : std::nullopt;
  }
  const auto prefix = parse_integer(size);
  if (!prefix || *prefix < 0 || *prefix > address->width()) return std::nullopt;
  return IpNetwork{*address, static_cast<int>(*prefix)};
}

bool is_private(const IpAddress& address) {
  return in_any(address, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"});
}

bool is_loopback(const IpAddress& address) {
  return in_any(address, {"127.0.0.0/8", "::1/128"});
}

bool is_multicast(const IpAddress& address) {
  return in_any(address, {"224.0.0.0/4", "ff00::/8"});
}

bool is_link_local(const IpAddress& address) {
  return in_any(address, {"169.254.0.0/16", "fe80::/10"});
}

bool is_reserved(const IpAddress& address) {
  return in_any(address, {"240.0.0.0/4", "0.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "::/128"});
}

std::string reverse_name(const IpAddress& address) {
  std::string name;
  if (address.version == 4) {
    for (int i = 0; i < 4; ++i) name += std::to_string(static_cast<int>(address.bits >> (8 * i) & 0xff)) + ".";
    return name + "in-addr.arpa.";
  }
  for (int i = 0; i < 32; ++i) name += {"0123456789abcdef"[static_cast<int>(address.bits >> (4 * i) & 15)], '.'};
  return name + "ip6.arpa.";
}

std::string number_text(const IpAddress& address) {
  return digits_of(address.bits);
}

Value number_or_text(Uint128 number) {
  if (number <= static_cast<Uint128>(INT64_MAX)) return static_cast<std::int64_t>(number);
  return digits_of(number);
}

std::vector<IpNetwork> merged(std::vector<IpNetwork> networks) {
  const auto before = [](const IpNetwork& a, const IpNetwork& b) {
    if (a.address.version != b.address.version) return a.address.version < b.address.version;
    return a.address.bits != b.address.bits ? a.address.bits < b.address.bits : a.prefix < b.prefix;
  };
  std::sort(networks.begin(), networks.end(), before);
  std::vector<IpNetwork> result;
  for (const IpNetwork& network : networks) {
    if (!result.empty() && result.back().contains(network)) continue;
    result.push_back(network);
    // Two halves make a whole, and that may be a half again.
    while (result.size() > 1) {
      const IpNetwork &left = result[result.size() - 2], &right = result.back();
      if (left.prefix != right.prefix || left.prefix == 0) break;
      const IpNetwork whole{left.address, left.prefix - 1};
      if (!(whole.first() == left.address) || !whole.contains(right)) break;
      result.resize(result.size() - 2);
      result.push_back(whole);
    }
  }
  return result;
}

std::vector<IpNetwork> spanned(const std::vector<IpNetwork>& networks) {
  if (networks.empty()) return {};
  IpNetwork span = networks.front();
  for (const IpNetwork& network : networks)
    while (!span.contains(network) && span.prefix > 0 && span.address.version == network.address.version)
      span = {IpNetwork{span.address, span.prefix - 1}.first(), span.prefix - 1};
  return {span};
}

}  // namespace agent::jinja
