#pragma once

#include <memory>
#include <vector>

#include <agent/sdk/index.hpp>

namespace agent {

/// Reads the index that the build wrote (`share/agent/modules.cbor`); library paths are made absolute with
/// `module_directory`. Throws Error when the file is missing or of another version.
std::unique_ptr<ModuleIndex> load_module_index(const Path& file, const Path& module_directory);

/// An index of entries given directly: for tests, and for modules found beside a playbook.
std::unique_ptr<ModuleIndex> make_module_index(std::vector<ModuleIndex::Entry> entries);

/// The bytes of the index file.
std::string module_index_bytes(const std::vector<ModuleIndex::Entry>& entries);

}  // namespace agent
