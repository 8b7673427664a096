#pragma once

#include <agent/sdk/host.hpp>

namespace agent {

/// Facts of the machine behind `host`, as Ansible's `setup` reports them, names without "ansible_". `subsets` are those
/// of gather_subset: "all", "min", "hardware", "network", "virtual", the name of a group ("memory", "mounts") or of a
/// fact ("os_family"), each also with "!"; none means all, and "min" is always among them unless it is taken out. What
/// cannot be had (no right, no answer in time) is left out. `environment` is what `env` shows.
Value gather_facts(const Strings& subsets, const Host& host, const Environment& environment);

}  // namespace agent
