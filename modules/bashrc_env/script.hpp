#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::bashrc_env {

/// Bytes [begin, end) of a script's text.
struct Range {
  std::size_t begin = 0, end = 0;
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// One command of a shell script that no other command contains.
struct Statement {
  Range range;                   ///< from its first word to its last
  Range lines;                   ///< the whole lines that it stands on, newline included
  std::vector<Range> words;      ///< of a simple command; what it redirects is left out
  std::optional<Range> comment;  ///< behind it on its line, from the '#'
  bool certain = true;           ///< a simple command that runs each time: no if, no loop, no function, no `&&`
  bool alone = true;             ///< no other statement stands on its lines
};

/// A bash script as its statements, in order. Nothing is run, nothing is expanded.
struct Script {
  std::vector<Statement> statements;
  /// Where bash surely stops reading, if it does: before `return`, `exit` or `exec`, or before what it cannot parse.
  /// Always the start of a line at which a new statement may begin.
  std::optional<std::size_t> stop;
};

/// Reads a script. Never fails: what is not understood is a statement that is not `certain`, or a `stop`.
Script parse_script(std::string_view text);

}  // namespace agent::bashrc_env
