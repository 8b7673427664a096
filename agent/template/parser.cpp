#include <agent/template/parser.hpp>
#include <agent/template/statement_parser.hpp>
#include <agent/template/template_header.hpp>

namespace agent::jinja {
namespace {

std::string with_unix_newlines(std::string text) {
  if (text.find('\r') == text.npos) return text;
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      result += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

ProgramPtr parse_template(std::string text, Syntax syntax, const Registry& registry) {
  auto program = std::make_shared<Program>();
  program->text = with_unix_newlines(std::move(text));
  const std::size_t start = read_header(*program, syntax);
  const std::string_view all = program->text;
  while (program->final_newlines < all.size() - start && all[all.size() - 1 - program->final_newlines] == '\n')
    ++program->final_newlines;
  // The last newline is no part of the template; rendering puts it back.
  const std::string_view read = program->final_newlines > 0 ? all.substr(0, all.size() - 1) : all;
  StatementParser(*program, tokens_of_template(read, start, syntax), syntax, registry).whole_template();
  return program;
}

ProgramPtr parse_expression(std::string text, bool raw_literals, const Registry& registry) {
  auto program = std::make_shared<Program>();
  program->text = with_unix_newlines(std::move(text));
  const Syntax syntax;
  StatementParser(*program, tokens_of_expression(program->text, raw_literals), syntax, registry).bare_expression();
  return program;
}

}  // namespace agent::jinja
