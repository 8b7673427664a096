#pragma once

#include <string>

#include <agent/sdk/spec.hpp>

namespace agent::cli {

/// What a Spec says, for a terminal.
std::string text_page(const Spec& spec, const Strings& distros);
/// The same as Markdown: tables of arguments and results, examples.
std::string markdown_page(const Spec& spec, const Strings& distros);

}  // namespace agent::cli
