#pragma once

#include <string>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// The documents of a YAML text, as from_yaml reads them: dates stay text. Throws Error for what is no YAML, with line
/// and column, and for what nests too deeply or grows too large through aliases.
List read_yaml(const std::string& text);

}  // namespace agent::jinja
