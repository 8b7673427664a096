#include <array>

#include <agent/template/expression_parser.hpp>

namespace agent::jinja {
namespace {

std::optional<Comparison> comparison_of(const Token& token) {
  constexpr std::array<std::pair<std::string_view, Comparison>, 6> known = {{{"==", Comparison::equal},
                                                                             {"!=", Comparison::unequal},
                                                                             {"<", Comparison::less},
                                                                             {"<=", Comparison::less_or_equal},
                                                                             {">", Comparison::greater},
                                                                             {">=", Comparison::greater_or_equal}}};
  for (const auto& [symbol, comparison] : known)
    if (token.is_symbol(symbol)) return comparison;
  return std::nullopt;
}

}  // namespace

ExpressionPtr ExpressionParser::expression(bool allow_tuple, bool with_condition) {
  const Nesting level = nested();
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr first = with_condition ? conditional() : either();
  if (!allow_tuple || !tokens_.at_symbol(",")) return first;
  return tuple(offset, std::move(first));
}

// After the first member of a tuple; stops where a tag or bracket ends.
ExpressionPtr ExpressionParser::tuple(std::uint32_t offset, ExpressionPtr first) {
  auto node = std::make_unique<Sequence>(Expression::Kind::tuple, offset);
  node->items.push_back(std::move(first));
  while (tokens_.skip_symbol(",")) {
    const Token& token = tokens_.peek();
    if (token.kind == Token::Kind::variable_end || token.kind == Token::Kind::block_end ||
        token.kind == Token::Kind::end || token.is_symbol(")"))
      break;
    node->items.push_back(conditional());
  }
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::conditional() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr value = either();
  while (tokens_.skip_name("if")) {
    auto node = std::make_unique<Conditional>(offset);
    node->yes = std::move(value);
    node->condition = either();
    if (tokens_.skip_name("else")) {
      const Nesting level = nested();
      node->no = conditional();
    }
    value = finished(std::move(node));
  }
  return value;
}

ExpressionPtr ExpressionParser::either() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr left = both();
  while (tokens_.skip_name("or"))
    left = finished(std::make_unique<Binary>(offset, Operator::either, std::move(left), both()));
  return left;
}

ExpressionPtr ExpressionParser::both() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr left = negation();
  while (tokens_.skip_name("and"))
    left = finished(std::make_unique<Binary>(offset, Operator::both, std::move(left), negation()));
  return left;
}

ExpressionPtr ExpressionParser::negation() {
  if (!tokens_.at_name("not")) return comparison();
  const Nesting level = nested();
  const std::uint32_t offset = tokens_.next().offset;
  return finished(std::make_unique<Unary>(offset, Operator::logical_not, negation()));
}

ExpressionPtr ExpressionParser::comparison() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr first = sum();
  auto node = std::make_unique<Compare>(offset);
  while (true) {
    if (const auto found = comparison_of(tokens_.peek())) {
      tokens_.next();
      node->rest.emplace_back(*found, sum());
    } else if (tokens_.skip_name("in")) {
      node->rest.emplace_back(Comparison::in, sum());
    } else if (tokens_.at_name("not") && tokens_.peek(1).is_name("in")) {
      tokens_.next();
      tokens_.next();
      node->rest.emplace_back(Comparison::not_in, sum());
    } else {
      break;
    }
  }
  if (node->rest.empty()) return first;
  node->first = std::move(first);
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::sum() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr left = concatenation();
  while (tokens_.at_symbol("+") || tokens_.at_symbol("-")) {
    const Operator operation = tokens_.next().text == "+" ? Operator::add : Operator::subtract;
    left = finished(std::make_unique<Binary>(offset, operation, std::move(left), concatenation()));
  }
  return left;
}

ExpressionPtr ExpressionParser::concatenation() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr first = product();
  if (!tokens_.at_symbol("~")) return first;
  auto node = std::make_unique<Concat>(offset);
  node->items.push_back(std::move(first));
  while (tokens_.skip_symbol("~")) node->items.push_back(product());
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::product() {
  constexpr std::array<std::pair<std::string_view, Operator>, 4> known = {
      {{"*", Operator::multiply}, {"/", Operator::divide}, {"//", Operator::floor_divide}, {"%", Operator::modulo}}};
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr left = power();
  while (true) {
    std::optional<Operator> operation;
    for (const auto& [symbol, meaning] : known)
      if (tokens_.at_symbol(symbol)) operation = meaning;
    if (!operation) return left;
    tokens_.next();
    left = finished(std::make_unique<Binary>(offset, *operation, std::move(left), power()));
  }
}

ExpressionPtr ExpressionParser::power() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr left = unary(true);
  while (tokens_.skip_symbol("**"))
    left = finished(std::make_unique<Binary>(offset, Operator::power, std::move(left), unary(true)));
  return left;
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr node;
  if (tokens_.at_symbol("-") || tokens_.at_symbol("+")) {
    const Nesting level = nested();
    const Operator operation = tokens_.next().text == "-" ? Operator::minus : Operator::plus;
    node = finished(std::make_unique<Unary>(offset, operation, unary(false)));
  } else {
    node = primary();
  }
  node = postfix(std::move(node));
  return with_filters ? filters(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::primary() {
  const Token& token = tokens_.peek();
  const auto constant = [&](Value value) {
    const std::uint32_t offset = tokens_.next().offset;
    return finished(std::make_unique<Constant>(offset, std::move(value)));
  };
  switch (token.kind) {
    case Token::Kind::name:
      if (token.text == "true" || token.text == "True") return constant(true);
      if (token.text == "false" || token.text == "False") return constant(false);
      if (token.text == "none" || token.text == "None") return constant(nullptr);
      tokens_.next();
      return finished(std::make_unique<Name>(token.offset, token.text));
    case Token::Kind::integer:
    case Token::Kind::real:
      return constant(token.number);
    case Token::Kind::text:
      return literal_text();
    case Token::Kind::symbol:
      if (token.text == "[") return list();
      if (token.text == "{") return map();
      if (token.text == "(") {
        tokens_.next();
        ExpressionPtr inner;
        if (tokens_.at_symbol(")"))
          inner = std::make_unique<Sequence>(Expression::Kind::tuple, token.offset);
        else
          inner = expression(true);
        tokens_.expect_symbol(")");
        inner->end = tokens_.end();
        return inner;
      }
      break;
    default:
      break;
  }
  tokens_.fail_expected("an expression");
}

// 'a' "b" is one text, as in Python.
ExpressionPtr ExpressionParser::literal_text() {
  const std::uint32_t offset = tokens_.offset();
  std::string text;
  while (tokens_.at(Token::Kind::text)) text += tokens_.next().text;
  return finished(std::make_unique<Constant>(offset, Value(std::move(text))));
}

ExpressionPtr ExpressionParser::list() {
  auto node = std::make_unique<Sequence>(Expression::Kind::list, tokens_.expect_symbol("[").offset);
  while (!tokens_.at_symbol("]")) {
    if (!node->items.empty()) {
      if (!tokens_.at_symbol(",")) tokens_.fail_expected("',' or ']'");
      tokens_.next();
    }
    if (tokens_.at_symbol("]")) break;
    node->items.push_back(expression(false));
  }
  tokens_.expect_symbol("]");
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::map() {
  auto node = std::make_unique<MapDisplay>(tokens_.expect_symbol("{").offset);
  while (!tokens_.at_symbol("}")) {
    if (!node->entries.empty()) {
      if (!tokens_.at_symbol(",")) tokens_.fail_expected("',' or '}'");
      tokens_.next();
    }
    if (tokens_.at_symbol("}")) break;
    ExpressionPtr key = expression(false);
    tokens_.expect_symbol(":");
    node->entries.emplace_back(std::move(key), expression(false));
  }
  tokens_.expect_symbol("}");
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr object) {
  while (true) {
    if (tokens_.at_symbol("."))
      object = attribute(std::move(object));
    else if (tokens_.at_symbol("["))
      object = subscript(std::move(object));
    else if (tokens_.at_symbol("("))
      object = call(std::move(object));
    else
      return object;
  }
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr input) {
  while (true) {
    if (tokens_.skip_symbol("|"))
      input = one_filter(std::move(input));
    else if (tokens_.at_name("is"))
      input = test(std::move(input));
    else if (tokens_.at_symbol("("))
      input = call(std::move(input));
    else
      return input;
  }
}

ExpressionPtr ExpressionParser::filter_chain() {
  ExpressionPtr chain = one_filter(nullptr);
  while (tokens_.skip_symbol("|")) chain = one_filter(std::move(chain));
  return chain;
}

ExpressionPtr ExpressionParser::attribute(ExpressionPtr object) {
  const std::uint32_t offset = object->offset;
  tokens_.expect_symbol(".");
  const Token& token = tokens_.next();
  if (token.kind == Token::Kind::name)
    return finished(std::make_unique<Attribute>(offset, std::move(object), token.text));
  if (token.kind != Token::Kind::integer)
    TokenStream::fail(Error("expected a name or a number after '.', found " + described(token)), token);
  auto index = std::make_unique<Constant>(token.offset, token.number);
  return finished(std::make_unique<Subscript>(offset, std::move(object), std::move(index)));
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object) {
  const Nesting level = nested();
  const std::uint32_t offset = object->offset;
  tokens_.expect_symbol("[");
  ExpressionPtr index = subscript_index();
  if (tokens_.at_symbol(",")) tokens_.fail(Error("one index is expected, not several"));
  tokens_.expect_symbol("]");
  return finished(std::make_unique<Subscript>(offset, std::move(object), std::move(index)));
}

ExpressionPtr ExpressionParser::subscript_index() {
  const std::uint32_t offset = tokens_.offset();
  ExpressionPtr start;
  if (!tokens_.at_symbol(":")) {
    start = expression(false);
    if (!tokens_.at_symbol(":")) return start;
  }
  auto node = std::make_unique<Slice>(offset);
  node->start = std::move(start);
  tokens_.expect_symbol(":");
  const auto at_part = [&] { return !tokens_.at_symbol(":") && !tokens_.at_symbol("]"); };
  if (at_part()) node->stop = expression(false);
  if (tokens_.skip_symbol(":") && at_part()) node->step = expression(false);
  return finished(std::move(node));
}

ExpressionPtr ExpressionParser::call(ExpressionPtr callee) {
  auto node = std::make_unique<Call>(callee->offset, nullptr);
  node->arguments = arguments();
  node->callee = std::move(callee);
  return finished(std::move(node));
}

}  // namespace agent::jinja
