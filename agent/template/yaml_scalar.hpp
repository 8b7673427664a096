#pragma once

#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// What a plain scalar stands for by YAML 1.1; text for everything that is nothing else.
Value yaml_scalar(std::string_view text);
/// Whether text may stand without quotes, as far as its meaning goes: it would be read as text again.
bool yaml_reads_as_text(std::string_view text);

}  // namespace agent::jinja
