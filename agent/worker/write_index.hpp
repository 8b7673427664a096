#pragma once

#include <agent/sdk/plan.hpp>

namespace agent {

/// Opens every module library in `directory` and writes what they say of themselves to `file`, whole or not at all:
/// the index of wire/module_index.hpp. Throws Error naming the library that is none.
void write_index(const Path& directory, const Path& file);

}  // namespace agent
