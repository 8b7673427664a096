#pragma once

#include <string>
#include <vector>

#include <agent/template/ast.hpp>
#include <agent/template/expression_height.hpp>
#include <agent/template/nesting.hpp>
#include <agent/template/token_stream.hpp>

namespace agent::jinja {

/// Reads expressions off a stream of tokens, by Jinja's grammar.
class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, const Registry& registry, std::vector<Mistake>& doubts)
      : tokens_(tokens), registry_(registry), doubts_(doubts) {}

  /// One expression; `a, b` without brackets is a tuple where `allow_tuple`.
  ExpressionPtr expression(bool allow_tuple, bool with_condition = true);
  /// `or` and what binds tighter: without `x if y else z`.
  ExpressionPtr unconditional() { return either(); }
  /// Reads on after `input`: `| name(...)`, `is name`, `(...)`.
  ExpressionPtr filters(ExpressionPtr input);
  /// A chain of filters as it follows `{% filter`: the first has no input.
  ExpressionPtr filter_chain();
  ExpressionPtr postfix(ExpressionPtr object);
  ExpressionPtr primary();

 private:
  ExpressionPtr conditional();
  ExpressionPtr either();
  ExpressionPtr both();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr concatenation();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filters);
  ExpressionPtr tuple(std::uint32_t offset, ExpressionPtr first);
  ExpressionPtr list();
  ExpressionPtr map();
  ExpressionPtr literal_text();
  ExpressionPtr subscript(ExpressionPtr object);
  ExpressionPtr subscript_index();
  ExpressionPtr attribute(ExpressionPtr object);
  ExpressionPtr call(ExpressionPtr callee);
  CallArguments arguments();
  ExpressionPtr one_filter(ExpressionPtr input);
  ExpressionPtr test(ExpressionPtr input);
  std::string dotted_name(std::string_view what);
  void check_use(const std::string& callee, const Signature& signature, const CallArguments& arguments,
                 std::uint32_t offset);
  /// `node`, now that all of it is read. A long row of operators or filters is a high tree, which evaluation and
  /// clean-up have to climb.
  template <class Node>
  ExpressionPtr finished(Node node) {
    node->end = tokens_.end();
    node->height = 1 + height_below(*node);
    if (node->height > highest) tokens_.fail(Error("this expression is too long"));
    return node;
  }
  Nesting nested() { return {depth_, deepest, tokens_, "this expression is"}; }

  static constexpr int highest = 500;  // of an expression's tree
  static constexpr int deepest = 200;  // brackets in brackets; each level is some ten calls

  TokenStream& tokens_;
  const Registry& registry_;
  std::vector<Mistake>& doubts_;
  int depth_ = 0;
};

}  // namespace agent::jinja
