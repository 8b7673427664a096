#include <algorithm>

#include <agent/template/token_stream.hpp>

namespace agent::jinja {

std::string described(const Token& token) {
  switch (token.kind) {
    case Token::Kind::data:
      return "text";
    case Token::Kind::variable_begin:
    case Token::Kind::block_begin:
      return "a tag";
    case Token::Kind::variable_end:
    case Token::Kind::block_end:
      return "the end of the tag";
    case Token::Kind::name:
    case Token::Kind::symbol:
    case Token::Kind::integer:
      return "'" + token.text + "'";
    case Token::Kind::text:
      return "the text '" + token.text + "'";
    case Token::Kind::real:
      return "a number";
    case Token::Kind::bad:
      return "this";
    case Token::Kind::end:
      return "the end";
  }
  return "this";
}

const Token& TokenStream::peek(std::size_t ahead) const {
  const Token& token = tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
  if (token.kind == Token::Kind::bad) throw ParseFailure{{*token.error, token.offset, token.stop - token.offset}};
  return token;
}

const Token& TokenStream::next() {
  const Token& token = peek();
  if (position_ + 1 < tokens_.size()) ++position_;
  return token;
}

bool TokenStream::skip_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  next();
  return true;
}

bool TokenStream::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  next();
  return true;
}

const Token& TokenStream::expect_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) fail_expected("'" + std::string(symbol) + "'");
  return next();
}

const Token& TokenStream::expect_name(std::string_view what) {
  if (!at(Token::Kind::name)) fail_expected(what);
  return next();
}

void TokenStream::expect(Token::Kind kind) {
  if (!at(kind)) {
    if (kind == Token::Kind::variable_end) fail_expected("'}}'");
    if (kind == Token::Kind::block_end) fail_expected("'%}'");
    fail_expected("the end");
  }
  next();
}

bool TokenStream::names_between(std::size_t from, std::string_view name) const {
  return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(from),
                     tokens_.begin() + static_cast<std::ptrdiff_t>(position_),
                     [&](const Token& token) { return token.is_name(name); });
}

void TokenStream::skip_tag(std::size_t began) {
  if (position_ == began && position_ + 1 < tokens_.size()) ++position_;
  const auto ends = [](const Token& token) {
    return token.kind == Token::Kind::variable_end || token.kind == Token::Kind::block_end ||
           token.kind == Token::Kind::end;
  };
  // What the tag began with may already be behind us; a tag or text that begins ends it too.
  while (!ends(tokens_[position_]) && tokens_[position_].kind != Token::Kind::data &&
         tokens_[position_].kind != Token::Kind::variable_begin && tokens_[position_].kind != Token::Kind::block_begin)
    ++position_;
  if (tokens_[position_].kind == Token::Kind::variable_end || tokens_[position_].kind == Token::Kind::block_end)
    ++position_;
}

void TokenStream::fail(Error error, const Token& token) {
  throw ParseFailure{{std::move(error), token.offset, std::max(token.stop, token.offset + 1) - token.offset}};
}

void TokenStream::fail_expected(std::string_view what) const {
  const Token& found = peek();
  fail(Error("expected " + std::string(what) + ", found " + described(found)), found);
}

}  // namespace agent::jinja
