#pragma once

#include <functional>

#include "tested_module.hpp"

namespace agent::test {

/// Whether we mean to differ from the reference in one of its cases; then the case is not compared.
using Deviation = std::function<bool(const Value& given)>;

/// Does with `module` what ansible-core's module did with the same (modules/NAME/reference.json, written by
/// tests/differential/modules/generate.py) and expects the same to come out: for edits of a file the text, the message,
/// whether it changed or failed, and the same of a second run.
void expect_edits_of_reference(const TestedModule& module, const Path& file, const Deviation& differs = nullptr);

/// The same for modules that work on trees of files: the tree afterwards, changed, failed, and what is registered.
void expect_trees_of_reference(const TestedModule& module, const Path& file, const Deviation& differs = nullptr);

}  // namespace agent::test
