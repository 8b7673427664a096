#pragma once

#include <agent/sdk/value.hpp>

namespace agent::executor {

/// What is wrong with `given` by the `options` of a role's argument_specs, one sentence each; empty when all is well.
/// Unknown values pass.
Strings argument_mistakes(const Map& options, const Map& given, const std::string& prefix = "");

}  // namespace agent::executor
