#pragma once

#include <string>
#include <string_view>

namespace agent::report {

/// The unified diff of two texts with three lines of context, as `diff -u` and Ansible print it; empty when they are
/// equal. A text without a final newline is marked as such. Very long texts are compared by their differing middle.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_title,
                         std::string_view after_title);

}  // namespace agent::report
