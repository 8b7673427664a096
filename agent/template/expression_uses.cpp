// What is used in an expression by name and with arguments: calls, filters and tests.

#include <agent/template/expression_parser.hpp>

namespace agent::jinja {

CallArguments ExpressionParser::arguments() {
  const Nesting level = nested();
  CallArguments result;
  tokens_.expect_symbol("(");
  bool first = true;
  while (!tokens_.at_symbol(")")) {
    if (!first) {
      if (!tokens_.at_symbol(",")) tokens_.fail_expected("',' or ')'");
      tokens_.next();
      if (tokens_.at_symbol(")")) break;
    }
    first = false;
    if (tokens_.skip_symbol("**")) {
      if (result.double_star) tokens_.fail(Error("only one '**' may stand in a call"));
      result.double_star = expression(false);
    } else if (tokens_.skip_symbol("*")) {
      if (result.star || result.double_star) tokens_.fail(Error("'*' may stand once, before '**'"));
      result.star = expression(false);
    } else if (tokens_.at(Token::Kind::name) && tokens_.peek(1).is_symbol("=")) {
      std::string name = tokens_.next().text;
      tokens_.next();
      if (result.double_star) tokens_.fail(Error("nothing may follow '**'"));
      result.named.emplace_back(std::move(name), expression(false));
    } else {
      if (!result.named.empty() || result.star || result.double_star)
        tokens_.fail(Error("an argument without a name cannot follow one with a name"));
      result.positional.push_back(expression(false));
    }
  }
  tokens_.expect_symbol(")");
  return result;
}

std::string ExpressionParser::dotted_name(std::string_view what) {
  std::string name = tokens_.expect_name(what).text;
  while (tokens_.at_symbol(".")) {
    tokens_.next();
    name += "." + tokens_.expect_name("a name").text;
  }
  return name;
}

ExpressionPtr ExpressionParser::one_filter(ExpressionPtr input) {
  const std::uint32_t offset = tokens_.offset();
  auto node = std::make_unique<FilterUse>(offset, dotted_name("the name of a filter"));
  const std::uint32_t width = tokens_.end() - offset;
  node->input = std::move(input);
  node->filter = registry_.filter(node->name);
  if (tokens_.at_symbol("(")) node->arguments = arguments();
  if (node->filter) {
    check_use("filter '" + node->name + "'", node->filter->signature, node->arguments, offset);
  } else {
    Error error("there is no filter '" + node->name + "'");
    if (auto hint = did_you_mean(node->name, registry_.filter_names()))
      error.hint(*std::move(hint));
    else if (registry_.test(node->name))
      error.hint("it is a test: write 'is " + node->name + "' instead of '| " + node->name + "'");
    doubts_.push_back({std::move(error), offset, width});
  }
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::test(ExpressionPtr input) {
  tokens_.next();
  const bool negated = tokens_.skip_name("not");
  const std::uint32_t offset = tokens_.offset();
  auto node = std::make_unique<TestUse>(offset, dotted_name("the name of a test"));
  const std::uint32_t width = tokens_.end() - offset;
  node->negated = negated;
  node->input = std::move(input);
  node->test = registry_.test(node->name);
  const Token& token = tokens_.peek();
  if (token.is_symbol("(")) {
    node->arguments = arguments();
  } else if ((token.kind == Token::Kind::name && token.text != "else" && token.text != "or" && token.text != "and" &&
              token.text != "if" && token.text != "in" && token.text != "not") ||
             token.kind == Token::Kind::text || token.kind == Token::Kind::integer || token.kind == Token::Kind::real ||
             token.is_symbol("[") || token.is_symbol("{")) {
    if (token.is_name("is")) tokens_.fail(Error("tests cannot be chained with 'is'").hint("join them with 'and'"));
    node->arguments.positional.push_back(postfix(primary()));
  }
  if (node->test) {
    check_use("test '" + node->name + "'", node->test->signature, node->arguments, offset);
  } else {
    Error error("there is no test '" + node->name + "'");
    if (auto hint = did_you_mean(node->name, registry_.test_names()))
      error.hint(*std::move(hint));
    else if (registry_.filter(node->name))
      error.hint("it is a filter: write '| " + node->name + "' instead of 'is " + node->name + "'");
    doubts_.push_back({std::move(error), offset, width});
  }
  return finished(std::move(node));
}

// Wrong arguments can be seen without any value, unless `*` and `**` bring some.
void ExpressionParser::check_use(const std::string& callee, const Signature& signature, const CallArguments& arguments,
                                 std::uint32_t offset) {
  if (arguments.star || arguments.double_star) return;
  Strings named;
  for (const auto& entry : arguments.named) named.push_back(entry.first);
  try {
    signature.check(callee, arguments.positional.size(), named);
  } catch (Error& error) {
    doubts_.push_back({std::move(error), offset, tokens_.end() - offset});
  }
}

}  // namespace agent::jinja
