#pragma once

#include <optional>
#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent {

/// `src=a dest="{{ b }}"` taken apart.
struct InlineArguments {
  Map options;
  /// What is no option, as it was written; nothing when everything is.
  std::optional<Value> rest;
};

/// Splits the text behind a module's name at blanks, but not inside quotes or `{{ }}`. Of the command line of `module`
/// (canonical) only its own options are taken.
InlineArguments parse_inline(const Value& text, std::string_view module);

}  // namespace agent
