#include <algorithm>
#include <array>

#include <agent/template/expression_parser.hpp>

namespace agent::jinja {

namespace {

constexpr int highest = 500;  // of an expression's tree
constexpr int deepest = 200;  // brackets in brackets; each level is some ten calls

/// Counts how deep the parser is in brackets.
class Level {
 public:
  Level(int& depth, const TokenStream& tokens) : depth_(depth) {
    if (depth_ >= deepest) tokens.fail(Error("this expression is nested too deeply"));
    ++depth_;
  }
  ~Level() { --depth_; }

 private:
  int& depth_;
};

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

int height_of(const ExpressionPtr& node) {
  return node ? node->height : 0;
}
int height_of(const Expressions& nodes) {
  int highest_one = 0;
  for (const auto& node : nodes) highest_one = std::max(highest_one, node->height);
  return highest_one;
}
int height_of(const CallArguments& arguments) {
  int highest_one =
      std::max({height_of(arguments.positional), height_of(arguments.star), height_of(arguments.double_star)});
  for (const auto& entry : arguments.named) highest_one = std::max(highest_one, entry.second->height);
  return highest_one;
}

int height_below(const Constant&) {
  return 0;
}
int height_below(const Name&) {
  return 0;
}
int height_below(const Sequence& node) {
  return height_of(node.items);
}
int height_below(const Concat& node) {
  return height_of(node.items);
}
int height_below(const MapDisplay& node) {
  int highest_one = 0;
  for (const auto& [key, value] : node.entries) highest_one = std::max({highest_one, key->height, value->height});
  return highest_one;
}
int height_below(const Unary& node) {
  return height_of(node.operand);
}
int height_below(const Binary& node) {
  return std::max(height_of(node.left), height_of(node.right));
}
int height_below(const Compare& node) {
  int highest_one = height_of(node.first);
  for (const auto& entry : node.rest) highest_one = std::max(highest_one, entry.second->height);
  return highest_one;
}
int height_below(const Conditional& node) {
  return std::max({height_of(node.condition), height_of(node.yes), height_of(node.no)});
}
int height_below(const Attribute& node) {
  return height_of(node.object);
}
int height_below(const Subscript& node) {
  return std::max(height_of(node.object), height_of(node.index));
}
int height_below(const Slice& node) {
  return std::max({height_of(node.start), height_of(node.stop), height_of(node.step)});
}
int height_below(const Call& node) {
  return std::max(height_of(node.callee), height_of(node.arguments));
}
int height_below(const FilterUse& node) {
  return std::max(height_of(node.input), height_of(node.arguments));
}
int height_below(const TestUse& node) {
  return std::max(height_of(node.input), height_of(node.arguments));
}

}  // namespace

template <class Node>
ExpressionPtr ExpressionParser::finished(Node node) {
  node->end = tokens_.end();
  // A long row of operators or filters is a high tree, which evaluation and clean-up have to climb.
  node->height = 1 + height_below(*node);
  if (node->height > highest) tokens_.fail(Error("this expression is too long"));
  return node;
}

ExpressionPtr ExpressionParser::expression(bool allow_tuple, bool with_condition) {
  const Level level(depth_, tokens_);
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
      const Level level(depth_, tokens_);
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
  const Level level(depth_, tokens_);
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
    const Level level(depth_, tokens_);
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
  const Level level(depth_, tokens_);
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

CallArguments ExpressionParser::arguments() {
  const Level level(depth_, tokens_);
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
