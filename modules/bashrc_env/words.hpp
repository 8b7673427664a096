#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace agent::bashrc_env {

/// Thrown by a `Lookup`, and caught by `expanded`: only running the script would tell.
struct NeedsRunning {};

/// What a variable holds; nothing: not set.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// "NAME=..." or "NAME+=..." at the start of a word.
struct Assignment {
  std::string name;
  bool appends = false;
  std::size_t value = 0;  ///< where the value starts in the word
};
std::optional<Assignment> assignment(std::string_view word);

bool is_name(std::string_view text);

/// The text that bash makes of a word as it is written: quotes removed, variables and "~" put in. Nothing when that
/// would take running something. `in_assignment`: a "~" counts also behind a colon.
std::optional<std::string> expanded(std::string_view word, const Lookup& lookup, bool in_assignment);

/// `text` for inside double quotes: `$NAME`, `${NAME}` and a leading "~/" stay expansions, all else is what it says;
/// "\$" is a dollar.
std::string for_double_quotes(std::string_view text);

}  // namespace agent::bashrc_env
