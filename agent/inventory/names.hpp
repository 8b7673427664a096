#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::inventory {

/// Throws Error for a name that could be taken for an option, a path trick or a shell's sign (reliability R16).
void check_host_name(std::string_view name, const Where& where);
void check_group_name(std::string_view name, const Where& where);

/// A host as a line names it, with the port behind it: "web[01:16].lab:2222".
struct HostPattern {
  Strings names;
  std::optional<std::int64_t> port;
};
/// Expands `[01:16]`, `[a:f]` and `[0:10:2]`, several of them too. Throws Error for a range that is none, or too long.
HostPattern expand_hosts(std::string_view pattern, const Where& where);

}  // namespace agent::inventory
