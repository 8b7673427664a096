#pragma once

#include <string>
#include <string_view>

namespace agent {

/// Compares two version or release texts as rpmvercmp does: below, at or above zero.
int compare_rpm_parts(std::string_view a, std::string_view b);

/// Compares "[epoch:]version[-release]" as rpm does; a release that only one side names does not count.
int compare_rpm_versions(std::string_view a, std::string_view b);

}  // namespace agent
