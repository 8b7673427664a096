#pragma once

#include <optional>

#include <agent/sdk/error.hpp>
#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Why `self` (the user of this process) cannot carry out `action`, as far as a look tells: no right to write there, to
/// give a file away or to install packages; a read-only file system; an immutable file. Nothing when it may be tried.
std::optional<Error> missing_right(const Action& action, const User& self);

}  // namespace agent
