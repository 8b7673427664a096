#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <agent/template/expression_parser.hpp>
#include <agent/template/nesting.hpp>
#include <agent/template/parser.hpp>

namespace agent::jinja {

/// Reads the statements of a template off a stream of tokens into a program, by Jinja's grammar.
class StatementParser {
 public:
  StatementParser(Program& program, std::vector<Token> tokens, const Syntax& syntax, const Registry& registry)
      : program_(program),
        tokens_(std::move(tokens)),
        syntax_(syntax),
        expressions_(tokens_, registry, program.doubts) {}

  void whole_template();
  void bare_expression();

 private:
  /// A statement that is open, for the message when it is never closed.
  struct Open {
    std::string name;
    const Token* token;
    const Open* outer;
  };

  // Statements up to a block tag that begins with one of `ends` (that name is not read yet, the tag's begin is).
  Body body(const Strings& ends, const Open* open);
  [[noreturn]] void fail_unclosed(const Open& open);
  void statement(Body& statements, const Open* open);
  StatementPtr block_tag(const Token& begin, const Open* open);
  static bool is_closing(const std::string& name);
  [[noreturn]] void fail_unknown_statement(const Token& name, const Open* open);
  void end_tag();
  // `{% endNAME %}`, whose begin is read already.
  void close(std::string_view name);
  StatementPtr condition(std::uint32_t offset, const Open& open);
  StatementPtr loop(std::uint32_t offset, const Open& open);
  Target one_target(bool allow_member);
  Target target(bool allow_member);
  StatementPtr assignment(std::uint32_t offset, const Open& open);
  void signature(Parameters& parameters);
  // `varargs`, `kwargs` and `caller` are arguments of a macro that names them.
  void macro_body(MacroDefinition& macro, const Strings& ends, const Open& open);
  StatementPtr macro(std::uint32_t offset, const Open& open);
  StatementPtr call_block(std::uint32_t offset, const Open& open);
  StatementPtr filter_block(std::uint32_t offset, const Open& open);
  StatementPtr with(std::uint32_t offset, const Open& open);
  // `with context` or `without context`, if that is what follows.
  bool context(bool otherwise);
  StatementPtr include(std::uint32_t offset, const Open&);
  StatementPtr import(std::uint32_t offset, const Open&);
  StatementPtr from_import(std::uint32_t offset, const Open&);
  StatementPtr extends(std::uint32_t offset, const Open& open);
  StatementPtr block(std::uint32_t offset, const Open& open);
  StatementPtr autoescape(std::uint32_t offset, const Open& open);
  StatementPtr run(std::uint32_t offset, const Open& open);
  StatementPtr leave(std::uint32_t offset, const Open& open);

  Program& program_;
  TokenStream tokens_;
  const Syntax& syntax_;
  ExpressionParser expressions_;
  int depth_ = 0, loops_ = 0;
  bool extends_ = false;
};

}  // namespace agent::jinja
