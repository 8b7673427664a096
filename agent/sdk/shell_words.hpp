#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent {

/// Splits a command line into words by the quoting rules of a POSIX shell and nothing else of it: no variables, no
/// patterns, no operators. Throws `Error` for a quote that does not end.
Strings split_words(std::string_view line);

/// `word` as a POSIX shell reads it back unchanged: as it is where that is safe, else in single quotes.
std::string quoted_word(std::string_view word);

}  // namespace agent
