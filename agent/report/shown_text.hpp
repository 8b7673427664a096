#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::report {

/// Text from anywhere, safe to put on a terminal (reliability R25): control and escape characters, bytes that are no
/// UTF-8, and characters that turn the direction of writing are written as escapes. Newlines and tabs stay where
/// `lines`; else they are escapes too.
std::string shown(std::string_view text, bool lines = false);

/// JSON as Ansible's users read it: keys sorted, ", " and ": " between parts, on one line or with `indent` spaces a
/// level, of which `level` are around it already; every character is safe to show.
std::string json_shown(const Value& value, int indent = 0, int level = 0);

/// How many columns a terminal uses for `text`, nearly: its characters.
std::size_t columns_of(std::string_view text);

}  // namespace agent::report
