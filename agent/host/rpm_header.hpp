#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/plan.hpp>

namespace agent {

/// What we read of an rpm header, as the rpm database keeps it.
struct RpmHeader {
  std::string name, version, release, architecture;
  std::optional<std::uint32_t> epoch;
  Strings provides;

  /// "1:9.0-1.fc40"; an epoch of 0 is left out, as rpm does.
  std::string evr() const;
  Package package() const;
};

/// Reads a header blob (two counts, the index, the data; all big endian). None when it is not one: counts and offsets
/// are not trusted.
std::optional<RpmHeader> parse_rpm_header(std::string_view blob);

}  // namespace agent
