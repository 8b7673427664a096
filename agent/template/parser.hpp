#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <agent/template/ast.hpp>
#include <agent/template/lexer.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

/// A mistake in a text, with its place in it.
struct Mistake {
  Error error;
  std::uint32_t offset = 0;
  std::uint32_t width = 1;
};

/// A text, compiled: either a template or a bare expression.
struct Program {
  std::string text;
  Body body;
  ExpressionPtr expression;
  std::map<std::string, const Block*> blocks;
  /// What keeps it from being evaluated at all, in the order of the text.
  std::vector<Mistake> mistakes;
  /// What is only wrong once it is reached: filters and tests that nobody knows.
  std::vector<Mistake> doubts;
  /// How many newlines end it: text that it renders to has at least as many.
  std::size_t final_newlines = 0;
};
using ProgramPtr = std::shared_ptr<const Program>;

/// Never throws: mistakes are in the program.
ProgramPtr parse_template(std::string text, Syntax syntax, const Registry& registry);
ProgramPtr parse_expression(std::string text, bool raw_literals, const Registry& registry);

}  // namespace agent::jinja
