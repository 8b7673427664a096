#pragma once

#include <optional>

#include <agent/yaml/source.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::yaml {

/// The document, when the text is JSON (RFC 8259); nothing when it is not, and may be YAML that begins like it. Throws
/// only past the limits.
std::optional<Document> read_json(const Source& source, const Options& options);

}  // namespace agent::yaml
