#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

__extension__ using Uint128 = unsigned __int128;

struct IpAddress {
  int version = 4;
  Uint128 bits = 0;

  int width() const { return version == 4 ? 32 : 128; }
  Uint128 number() const { return bits; }
  /// "10.0.0.1", "2001:db8::1".
  std::string text() const;
  IpAddress plus(std::uint64_t count) const;
  IpAddress minus(std::uint64_t count) const;
  IpAddress plus_shifted(std::uint64_t count, int shift) const;
  friend bool operator==(const IpAddress& a, const IpAddress& b) { return a.version == b.version && a.bits == b.bits; }
};

/// An address with the size of the network that it is in; a single one has all bits.
struct IpNetwork {
  IpAddress address;
  int prefix = 32;

  int width() const { return address.width(); }
  IpAddress first() const;
  IpAddress last() const;
  IpAddress mask() const;
  IpAddress host_mask() const;
  Uint128 size() const;
  bool contains(const IpNetwork& other) const;
  /// The n-th address, from the end for a negative n; nothing when it is outside.
  std::optional<IpAddress> nth(std::int64_t n) const;
  std::string text() const { return address.text() + "/" + std::to_string(prefix); }
};

IpAddress ipv4(std::uint32_t bits);
std::optional<IpAddress> parse_address(std::string_view text);
/// "10.0.0.1", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "::1/64".
std::optional<IpNetwork> parse_network(std::string_view text);

bool is_private(const IpAddress& address);
bool is_loopback(const IpAddress& address);
bool is_multicast(const IpAddress& address);
bool is_link_local(const IpAddress& address);
bool is_reserved(const IpAddress& address);
/// "1.0.0.10.in-addr.arpa."
std::string reverse_name(const IpAddress& address);
std::string number_text(const IpAddress& address);
/// A number where 64 bits hold it, else its digits.
Value number_or_text(Uint128 number);

/// The fewest networks that hold the same addresses, in order.
std::vector<IpNetwork> merged(std::vector<IpNetwork> networks);
/// The smallest single network that holds all of them.
std::vector<IpNetwork> spanned(const std::vector<IpNetwork>& networks);

}  // namespace agent::jinja
