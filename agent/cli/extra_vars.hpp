#pragma once

#include <agent/sdk/value.hpp>

namespace agent::cli {

/// The variables of `-e`: `k=v k2="a b"`, JSON or YAML text, or `@file`; later ones over earlier ones. Throws Error.
Map extra_vars(const Strings& given);

}  // namespace agent::cli
