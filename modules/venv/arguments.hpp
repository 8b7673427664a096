#pragma once

#include <agent/sdk/spec.hpp>

#include "venv.hpp"

namespace agent::venv {

/// The module's Spec.
const SpecOf<Want>& arguments();

}  // namespace agent::venv
