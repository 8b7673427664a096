#pragma once

#include <agent/template/parser.hpp>

namespace agent::jinja {

/// Takes the settings of a first line `#jinja2: trim_blocks: False, ...` into `syntax`; what is wrong with it becomes a
/// mistake of `program`. Returns where the template itself begins.
std::size_t read_header(Program& program, Syntax& syntax);

}  // namespace agent::jinja
