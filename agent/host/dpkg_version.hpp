#pragma once

#include <string_view>

namespace agent {

/// Compares two Debian versions ("1:2.34-1~deb12u1") as dpkg does: below, at or above zero.
int compare_dpkg_versions(std::string_view a, std::string_view b);

}  // namespace agent
