#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// How a text is cut up.
struct Syntax {
  bool trim_blocks = true, lstrip_blocks = false;
  /// In `{{ }}` a backslash in a text literal is a backslash, as in playbooks; YAML has had its turn already.
  bool raw_literals = false;
  bool do_statement = false, loop_controls = false;
  std::string block_start = "{%", block_end = "%}";
  std::string variable_start = "{{", variable_end = "}}";
  std::string comment_start = "{#", comment_end = "#}";
};

struct Token {
  enum class Kind {
    data,
    variable_begin,
    variable_end,
    block_begin,
    block_end,
    name,
    text,
    integer,
    real,
    symbol,
    bad,
    end
  };
  Kind kind = Kind::end;
  std::uint32_t offset = 0, stop = 0;
  std::string text;                 ///< data as it will be output; a name; a literal's text; a symbol
  Value number = {};                ///< of a literal
  std::optional<Error> error = {};  ///< of a bad one

  bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
  bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
};

/// The tokens of a template from `start` on, whitespace control applied. Never throws: what is wrong becomes a bad
/// token in its tag, and the rest is read on.
std::vector<Token> tokens_of_template(std::string_view text, std::size_t start, const Syntax& syntax);
/// The tokens of a bare expression.
std::vector<Token> tokens_of_expression(std::string_view text, bool raw_literals);

}  // namespace agent::jinja
