#pragma once

#include <string>

#include <agent/sdk/value.hpp>

namespace agent {

/// "12.4.1" at its dots: {"12", "4", "1"}. What stands between them is not looked at.
Strings dotted_parts(const std::string& text);

/// Whether these are no more than `most` numbers, of four digits at most: fit to stand in the name of a package.
bool are_numbers(const Strings& parts, std::size_t most);

/// Below, at or above zero, by the numbers between the dots: 450.51.06 is below 450.80.02, and 12.4 is 12.4.0.
int compare_dotted(const std::string& a, const std::string& b);

}  // namespace agent
