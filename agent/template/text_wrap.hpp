#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agent::jinja {

struct WrapOptions {
  std::size_t width = 79;
  bool break_long_words = true, break_on_hyphens = true;
};

/// One line cut into lines of at most `width` characters, as Python's textwrap does with its white space kept: blanks
/// at the cuts go, others stay.
std::vector<std::string> wrap(std::string_view line, const WrapOptions& options);

}  // namespace agent::jinja
