#pragma once

#include <optional>
#include <string_view>

#include <agent/template/registry.hpp>

namespace agent::jinja {

/// The lookups that need nothing but values and variables; nothing for any other name.
std::optional<List> inner_lookup(Context& context, std::string_view name, const List& terms, Arguments& options);
const Strings& inner_lookups();

}  // namespace agent::jinja
