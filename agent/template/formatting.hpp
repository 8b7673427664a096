#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

/// Python's ways to put values into text. (`percent_format`, the operator `%`, is in operators.hpp.)
namespace agent::jinja {

class Context;

/// str.format: "{} {0} {name} {0.member} {0[key]} {0!r} {0:>8.2f}"
std::string brace_format(Context& context, std::string_view format, const List& positional,
                         const std::vector<std::pair<std::string, Value>>& named);

/// `text` filled up to `width` characters; alignment '<', '>' or '^' (as str.center: the odd one goes left or right by
/// the same rule).
std::string padded(std::string_view text, std::int64_t width, std::string_view fill, char alignment);

}  // namespace agent::jinja
