// The statements that make of a template a part of others: macros, imports, blocks.

#include <agent/template/statement_parser.hpp>

namespace agent::jinja {

void StatementParser::signature(Parameters& parameters) {
  tokens_.expect_symbol("(");
  while (!tokens_.at_symbol(")")) {
    if (!parameters.names.empty()) tokens_.expect_symbol(",");
    if (tokens_.at_symbol(")")) break;
    const Token& name = tokens_.expect_name("the name of an argument");
    parameters.names.push_back(name.text);
    if (tokens_.skip_symbol("="))
      parameters.defaults.push_back(expressions_.expression(false));
    else if (!parameters.defaults.empty())
      TokenStream::fail(Error("'" + name.text + "' needs a default value, since the one before has one"), name);
  }
  tokens_.expect_symbol(")");
}

void StatementParser::macro_body(MacroDefinition& macro, const Strings& ends, const Open& open) {
  const std::size_t from = tokens_.position();
  const int loops = std::exchange(loops_, 0);
  macro.body = body(ends, &open);
  loops_ = loops;
  macro.takes_rest = tokens_.names_between(from, "varargs");
  macro.takes_named_rest = tokens_.names_between(from, "kwargs");
  macro.takes_caller = tokens_.names_between(from, "caller");
}

StatementPtr StatementParser::macro(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<MacroDefinition>(offset);
  node->name = tokens_.expect_name("the name of the macro").text;
  signature(node->parameters);
  end_tag();
  macro_body(*node, {"endmacro"}, open);
  close("endmacro");
  return node;
}

StatementPtr StatementParser::call_block(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<CallBlock>(offset);
  node->caller = std::make_shared<MacroDefinition>(offset);
  node->caller->name = "caller";
  if (tokens_.at_symbol("(")) signature(node->caller->parameters);
  const Token& start = tokens_.peek();
  node->call = expressions_.expression(false);
  if (node->call->kind != Expression::Kind::call) TokenStream::fail(Error("expected a call of a macro"), start);
  end_tag();
  macro_body(*node->caller, {"endcall"}, open);
  close("endcall");
  return node;
}

bool StatementParser::context(bool otherwise) {
  const bool with = tokens_.at_name("with"), without = tokens_.at_name("without");
  if ((!with && !without) || !tokens_.peek(1).is_name("context")) return otherwise;
  tokens_.next();
  tokens_.next();
  return with;
}

StatementPtr StatementParser::include(std::uint32_t offset, const Open&) {
  auto node = std::make_unique<Include>(offset);
  node->source = expressions_.expression(false);
  if (tokens_.at_name("ignore") && tokens_.peek(1).is_name("missing")) {
    tokens_.next();
    tokens_.next();
    node->ignore_missing = true;
  }
  node->with_context = context(true);
  end_tag();
  return node;
}

StatementPtr StatementParser::import(std::uint32_t offset, const Open&) {
  auto node = std::make_unique<Import>(offset);
  node->source = expressions_.expression(false);
  if (!tokens_.skip_name("as")) tokens_.fail_expected("'as'");
  node->name = tokens_.expect_name("a name").text;
  node->with_context = context(false);
  end_tag();
  return node;
}

StatementPtr StatementParser::from_import(std::uint32_t offset, const Open&) {
  auto node = std::make_unique<FromImport>(offset);
  node->source = expressions_.expression(false);
  if (!tokens_.skip_name("import")) tokens_.fail_expected("'import'");
  while (tokens_.at(Token::Kind::name)) {
    const bool is_context =
        (tokens_.at_name("with") || tokens_.at_name("without")) && tokens_.peek(1).is_name("context");
    if (is_context) break;
    const Token& name = tokens_.next();
    if (name.text[0] == '_') TokenStream::fail(Error("names that begin with '_' cannot be imported"), name);
    std::string here = name.text;
    if (tokens_.skip_name("as")) here = tokens_.expect_name("a name").text;
    node->names.emplace_back(name.text, std::move(here));
    if (!tokens_.skip_symbol(",")) break;
  }
  if (node->names.empty()) tokens_.fail_expected("a name");
  node->with_context = context(false);
  end_tag();
  return node;
}

StatementPtr StatementParser::extends(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<Extends>(offset);
  if (extends_) TokenStream::fail(Error("a template can extend only one other"), *open.token);
  extends_ = true;
  node->source = expressions_.expression(false);
  end_tag();
  return node;
}

StatementPtr StatementParser::block(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<Block>(offset);
  const Token& name = tokens_.expect_name("the name of the block");
  node->name = name.text;
  node->scoped = tokens_.skip_name("scoped");
  node->required = tokens_.skip_name("required");
  if (program_.blocks.count(node->name))
    TokenStream::fail(Error("there is a block '" + node->name + "' already"), name);
  program_.blocks[node->name] = node.get();
  end_tag();
  node->body = body({"endblock"}, &open);
  tokens_.next();
  if (tokens_.at(Token::Kind::name) && !tokens_.skip_name(node->name))
    tokens_.fail_expected("'" + node->name + "', the name of this block");
  end_tag();
  return node;
}

}  // namespace agent::jinja
