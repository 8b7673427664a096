#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// The shared libraries that a program or library of ours would be given here, those of the C library left out: it has
/// to be the target's own; and our own, which come along anyway. Asks the dynamic loader, so only for files that are
/// trusted. `brought` is a folder that is looked in first: what is there comes along with the agent, and need not be on
/// this machine. Throws Error when one is missing.
std::vector<Path> libraries_of(const Path& file, const Path& brought = {});

/// The newest `GLIBC_2.x` that stands in the bytes of a program: "2.34"; empty when there is none.
std::string newest_glibc_in(std::string_view bytes);

}  // namespace agent::fleet
