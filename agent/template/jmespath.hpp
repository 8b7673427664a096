#pragma once

#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// What the JMESPath expression `query` finds in `value`. Throws Error when it is no such expression.
Value jmespath(std::string_view query, const Value& value);

}  // namespace agent::jinja
