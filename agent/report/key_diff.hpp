#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent::report {

/// How a structured file changes, key by key, where its name says that it is JSON, YAML or INI:
///
///     -logging.level: "info"
///     +logging.level: "debug"
///     +server.ports[1]: 8443
///
/// Nothing where it is none of these, cannot be understood, or no key differs (a comment, another order).
std::optional<std::string> key_diff(const std::string& file, std::string_view before, std::string_view after);

}  // namespace agent::report
