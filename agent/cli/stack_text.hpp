#pragma once

#include <string>

#include <agent/resolver/stack.hpp>

namespace agent::cli {

/// The answer as a person reads it: a table, the commands for pip, warnings, and with `explain` the facts behind it.
std::string stack_text(const resolver::Stack& stack, bool explain);
/// Why there is no answer, and the ways out.
std::string conflict_text(const resolver::Conflict& conflict, bool explain);

}  // namespace agent::cli
