#pragma once

#include <string>
#include <string_view>

namespace agent::jinja {

/// Below, equal to or above zero as `a` is older, as old or newer than `b`. `type`: loose, strict, semver, semantic or
/// pep440. Throws Error for what is no version of that type.
int compare_versions(const std::string& a, const std::string& b, const std::string& type);

bool strip_is_empty(std::string_view text);

}  // namespace agent::jinja
