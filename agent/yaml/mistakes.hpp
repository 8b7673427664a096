#pragma once

#include <string>

#include <agent/sdk/error.hpp>
#include <agent/yaml/source.hpp>

/// What people get wrong in YAML, said so that they can put it right. Lines and columns count from 0, in bytes.
namespace agent::yaml {

/// The parser's own message at a place, in words that help.
Error explain(const Source& source, const std::string& message, int line, int column);
/// For text after the end of the document, which stands in no list or mapping.
Error leftover(const Source& source, int line, int column);
/// Throws when an unquoted `{{` begins a value in the line.
void reject_bare_template(const Source& source, int line);
/// Throws when the node that begins there is indented with a tab.
void reject_tab_indentation(const Source& source, int line, int column);
/// Throws when the quoted scalar that begins there is never closed.
void reject_open_quote(const Source& source, int line, int column);

}  // namespace agent::yaml
