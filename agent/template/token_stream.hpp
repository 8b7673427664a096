#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <agent/template/lexer.hpp>
#include <agent/template/parser.hpp>

namespace agent::jinja {

/// Thrown inside the parser; it stops at the next tag.
struct ParseFailure {
  Mistake mistake;
};

/// The tokens, read one after the other.
class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  /// The next token. Throws ParseFailure when it is a bad one.
  const Token& peek(std::size_t ahead = 0) const;
  const Token& next();
  bool at(Token::Kind kind) const { return peek().kind == kind; }
  bool at_symbol(std::string_view symbol) const { return peek().is_symbol(symbol); }
  bool at_name(std::string_view name) const { return peek().is_name(name); }
  bool skip_symbol(std::string_view symbol);
  bool skip_name(std::string_view name);
  const Token& expect_symbol(std::string_view symbol);
  const Token& expect_name(std::string_view what);
  void expect(Token::Kind kind);
  std::uint32_t offset() const { return tokens_[position_].offset; }
  /// One past the last byte read.
  std::uint32_t end() const { return position_ == 0 ? 0 : tokens_[position_ - 1].stop; }
  std::size_t position() const { return position_; }
  bool is_at_end() const { return tokens_[position_].kind == Token::Kind::end; }
  /// Whether a name stands between `from` and here.
  bool names_between(std::size_t from, std::string_view name) const;
  /// After a failure: to behind the end of the tag it stands in, and in any case on from where that `began`.
  void skip_tag(std::size_t began);

  [[noreturn]] void fail(Error error) const { fail(std::move(error), peek()); }
  [[noreturn]] static void fail(Error error, const Token& token);
  [[noreturn]] void fail_expected(std::string_view what) const;

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

/// What messages call a token.
std::string described(const Token& token);

}  // namespace agent::jinja
