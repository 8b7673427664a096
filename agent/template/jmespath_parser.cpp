#include <map>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/jmespath_ast.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja::jmes {

namespace {

using Kind = Node::Kind;

constexpr int deepest = 100;

/// A Pratt parser that reads its tokens as it goes.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  NodePtr whole() {
    NodePtr node = expression(0);
    space();
    if (at_ < text_.size()) fail("unexpected '" + std::string(text_.substr(at_, 1)) + "'");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("the query '" + std::string(text_) + "' is no JMESPath: " + what + ", at character " +
                std::to_string(at_ + 1));
  }

  void space() {
    while (at_ < text_.size() && is_space(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool next_is(std::string_view token) {
    space();
    return text_.compare(at_, token.size(), token) == 0;
  }
  bool skip(std::string_view token) {
    if (!next_is(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!skip(token)) fail("expected '" + std::string(token) + "'");
  }

  static NodePtr make(Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
  }
  template <class... Children>
  static NodePtr make(Kind kind, Children... children) {
    NodePtr node = make(kind);
    (node->children.push_back(std::move(children)), ...);
    return node;
  }

  // Binding strengths: pipe 1, or 2, and 3, comparison 5, flatten 9, filter 21, dot 40, not 45, bracket 55.
  NodePtr expression(int binding) {
    if (++depth_ > deepest) fail("it is nested too deeply");
    NodePtr left = prefix();
    while (true) {
      space();
      if (at_ >= text_.size()) break;
      NodePtr longer = infix(left, binding);
      if (!longer) break;
      left = std::move(longer);
    }
    --depth_;
    return left;
  }

  NodePtr prefix() {
    space();
    if (at_ >= text_.size()) fail("it ends too early");
    const char c = text_[at_];
    if (skip("@")) return make(Kind::current);
    if (skip("!")) return make(Kind::negate, expression(45));
    if (skip("&")) return make(Kind::reference, expression(2));
    if (skip("(")) {
      NodePtr inner = expression(0);
      expect(")");
      return inner;
    }
    if (c == '`' || c == '\'') return literal();
    if (c == '"' || is_alpha(static_cast<unsigned char>(c)) || c == '_') return name();
    if (skip("*")) return make(Kind::project_values, make(Kind::current), projected(20));
    if (skip("{")) return multi_map();
    if (next_is("[?")) return filter(make(Kind::current));
    if (skip("[]")) return make(Kind::project_list, make(Kind::flatten, make(Kind::current)), projected(9));
    if (skip("[")) return bracket(make(Kind::current), true);
    fail(std::string("unexpected '") + c + "'");
  }

  // What follows `left`, if it binds tighter than `binding`; else null, and `left` untouched.
  NodePtr infix(NodePtr& left, int binding) {
    if (next_is("||")) return binding < 2 ? (skip("||"), two(Kind::either, left, 2)) : nullptr;
    if (next_is("|")) return binding < 1 ? (skip("|"), two(Kind::pipe, left, 1)) : nullptr;
    if (next_is("&&")) return binding < 3 ? (skip("&&"), two(Kind::both, left, 3)) : nullptr;
    for (const std::string_view comparison : {"==", "!=", "<=", ">=", "<", ">"})
      if (next_is(comparison)) {
        if (binding >= 5) return nullptr;
        skip(comparison);
        NodePtr node = two(Kind::compare, left, 5);
        node->text = comparison;
        return node;
      }
    if (next_is(".")) return binding < 40 ? (skip("."), dotted(std::move(left))) : nullptr;
    if (next_is("[]")) {
      if (binding >= 9) return nullptr;
      skip("[]");
      return make(Kind::project_list, make(Kind::flatten, std::move(left)), projected(9));
    }
    if (next_is("[?")) return binding < 21 ? filter(std::move(left)) : nullptr;
    if (next_is("[")) return binding < 55 ? (skip("["), bracket(std::move(left), false)) : nullptr;
    return nullptr;
  }

  NodePtr two(Kind kind, NodePtr& left, int binding) {
    NodePtr first = std::move(left);
    return make(kind, std::move(first), expression(binding));
  }

  NodePtr dotted(NodePtr left) {
    if (skip("*")) return make(Kind::project_values, std::move(left), projected(20));
    return make(Kind::sub, std::move(left), dotted_right());
  }

  NodePtr dotted_right() {
    space();
    if (skip("{")) return multi_map();
    if (skip("[")) return multi_list();
    const char c = at_ < text_.size() ? text_[at_] : ' ';
    if (c == '"' || is_alpha(static_cast<unsigned char>(c)) || c == '_') return name();
    fail("expected a name behind '.'");
  }

  // What is done to each item of a projection.
  NodePtr projected(int binding) {
    space();
    NodePtr right = make(Kind::current);
    while (at_ < text_.size()) {
      if (next_is("[]")) break;  // flattens the projection as a whole
      if (next_is("|") || (!next_is(".") && !next_is("["))) break;
      NodePtr longer = infix(right, binding);
      if (!longer) break;
      right = std::move(longer);
    }
    return right;
  }

  NodePtr filter(NodePtr left) {
    expect("[?");
    NodePtr condition = expression(0);
    expect("]");
    NodePtr right = projected(21);
    return make(Kind::filter, std::move(left), std::move(right), std::move(condition));
  }

  std::optional<std::int64_t> number() {
    space();
    std::size_t end = at_;
    if (end < text_.size() && text_[end] == '-') ++end;
    while (end < text_.size() && is_digit(static_cast<unsigned char>(text_[end]))) ++end;
    const auto found = parse_integer(text_.substr(at_, end - at_));
    if (found) at_ = end;
    return found;
  }

  // Behind '[': an index, a slice, `*`, or a list of expressions.
  NodePtr bracket(NodePtr left, bool at_start) {
    if (skip("*]")) return make(Kind::project_list, std::move(left), projected(20));
    const std::size_t start = at_;
    std::optional<std::int64_t> bounds[3];
    bounds[0] = number();
    if (next_is(":")) {
      for (int i = 1; i < 3 && skip(":"); ++i) bounds[i] = number();
      expect("]");
      NodePtr slice = make(Kind::slice);
      for (int i = 0; i < 3; ++i) slice->slice[i] = bounds[i];
      return make(Kind::project_list, make(Kind::sub, std::move(left), std::move(slice)), projected(20));
    }
    if (bounds[0]) {
      expect("]");
      NodePtr index = make(Kind::index);
      index->index = *bounds[0];
      return make(Kind::sub, std::move(left), std::move(index));
    }
    if (!at_start) fail("expected a number, ':' or '*' in brackets");
    at_ = start;
    return multi_list();
  }

  NodePtr multi_list() {
    NodePtr node = make(Kind::list);
    do node->children.push_back(expression(0));
    while (skip(","));
    expect("]");
    return node;
  }

  NodePtr multi_map() {
    NodePtr node = make(Kind::map);
    do {
      node->keys.push_back(identifier());
      expect(":");
      node->children.push_back(expression(0));
    } while (skip(","));
    expect("}");
    return node;
  }

  std::string identifier() {
    space();
    const std::size_t from = at_;
    if (skip("\"")) {
      while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
      if (at_ >= text_.size()) fail("a name is never closed");
      ++at_;
      return parse_json(text_.substr(from, at_ - from)).string();
    }
    while (at_ < text_.size() && (is_alpha(static_cast<unsigned char>(text_[at_])) ||
                                  is_digit(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      ++at_;
    if (at_ == from) fail("expected a name");
    return std::string(text_.substr(from, at_ - from));
  }

  NodePtr name() {
    const bool quoted = text_[at_] == '"';
    std::string word = identifier();
    if (quoted || !next_is("(")) {
      NodePtr node = make(Kind::field);
      node->text = std::move(word);
      return node;
    }
    skip("(");
    NodePtr node = make(Kind::call);
    node->text = std::move(word);
    if (skip(")")) return node;
    do node->children.push_back(expression(0));
    while (skip(","));
    expect(")");
    return node;
  }

  NodePtr literal() {
    const char quote = text_[at_++];
    std::string content;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) ++at_;
      content += text_[at_++];
    }
    if (at_ >= text_.size()) fail("a literal is never closed");
    ++at_;
    NodePtr node = make(Kind::literal);
    if (quote == '\'') {
      node->value = content;
      return node;
    }
    try {
      node->value = parse_json(content);
    } catch (const Error&) {
      node->value = strip(content);  // unquoted text between back ticks, as older versions have it
    }
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

NodePtr parse(std::string_view query) {
  return Parser(query).whole();
}

}  // namespace agent::jinja::jmes
