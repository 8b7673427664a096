#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent {

/// All of `text` as a real number, as C writes one in decimal: no blank, no '+' before it, the point is a point
/// whatever the locale. Nothing for what is none, or is too large or too small for a double. (GCC 10 has no
/// std::from_chars for doubles.)
std::optional<double> real_number(std::string_view text);

/// The fewest digits that read back as `value`, which is finite: as std::to_chars writes it, or with `scientific`
/// always with an exponent, "1.5e+00".
std::string shortest_text(double value, bool scientific = false);

}  // namespace agent
