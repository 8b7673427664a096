#pragma once

#include <functional>
#include <optional>
#include <string>

#include <agent/sdk/error.hpp>

namespace agent::report {

/// One line of a file, without its newline; nothing when the file or line is not there.
using SourceLine = std::function<std::optional<std::string>(const std::string& file, int line)>;
/// Reads the line from the disk.
std::optional<std::string> source_line(const std::string& file, int line);

/// An error as a person reads it: place and message, the line with a caret, hints, and what was being done.
///
///     site.yml:2:13: error: package has no argument 'nmae'
///       2 |   package: {nmae: nginx}
///         |             ^~~~
///       hint: did you mean 'name'?
///       while running task 'web server' (site.yml:1:3)
///
/// `kind` is the word before the message. Ends with a newline.
std::string diagnostic(const Error& error, std::string_view kind = "error", const SourceLine& lines = source_line);

}  // namespace agent::report
