#pragma once

#include <string>

#include <agent/sdk/host.hpp>

namespace agent::setup {

/// The machine's own facts: each `NAME.fact` in `directory` is NAME, read as JSON or as INI, or asked by running it.
/// One that cannot be read is a text that says why, as its readers expect it.
Map local_facts(const std::string& directory, const Host& host);

}  // namespace agent::setup
