#pragma once

#include <string>
#include <string_view>

namespace agent {

/// A pattern of Python's `re`, written for PCRE2. Throws `Error` for what Python refuses and PCRE2 would take for
/// something else.
std::string pcre_from_python(std::string_view pattern);

}  // namespace agent
