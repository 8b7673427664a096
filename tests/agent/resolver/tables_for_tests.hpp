#pragma once

#include <agent/resolver/load.hpp>

namespace agent::resolver {

/// The tables as they are shipped, read once.
inline const Tables& shipped() {
  static const Tables tables = load({Path(AGENT_SOURCE_DIR) / "share/compat"});
  return tables;
}

}  // namespace agent::resolver
