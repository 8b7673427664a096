#pragma once

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// Every lookup there is, and so everything that may follow `with_`.
Strings lookup_names();

}  // namespace agent::jinja
