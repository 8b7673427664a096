#pragma once

#include <string>
#include <string_view>

namespace agent::jinja {

/// What a text literal says: \n, \t, \x41, \u00e4, \101 ... resolved as Python does; other backslashes stay.
std::string unescaped(std::string_view literal);

}  // namespace agent::jinja
