#include <algorithm>
#include <array>

#include <agent/template/compare.hpp>
#include <agent/template/lexer.hpp>
#include <agent/template/literals.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::array symbols = {"==", "!=", ">=", "<=", "//", "**", "+", "-", "/", "*", "%", "~", "[",
                                "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_number_part(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

enum class Tag { block, variable, comment };

class Lexer {
 public:
  Lexer(std::string_view text, std::size_t start, const Syntax& syntax) : text_(text), at_(start), syntax_(syntax) {}

  std::vector<Token> whole_template() {
    while (at_ < text_.size()) data();
    put(Token::Kind::end, text_.size(), "");
    return std::move(tokens_);
  }

  std::vector<Token> bare_expression() {
    inside("", Token::Kind::end, syntax_.raw_literals);
    put(Token::Kind::end, text_.size(), "");
    return std::move(tokens_);
  }

 private:
  struct Opening {
    std::size_t at;
    Tag tag;
    std::size_t length;
  };

  std::string_view rest() const { return text_.substr(at_); }
  bool next_is(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }

  Token& put(Token::Kind kind, std::size_t from, std::string text) {
    tokens_.push_back({kind, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(at_), std::move(text)});
    return tokens_.back();
  }

  std::optional<Opening> next_opening() const {
    std::optional<Opening> first;
    const auto consider = [&](const std::string& mark, Tag tag) {
      const std::size_t found = text_.find(mark, at_);
      if (found == text_.npos) return;
      if (!first || found < first->at || (found == first->at && mark.size() > first->length))
        first = Opening{found, tag, mark.size()};
    };
    consider(syntax_.variable_start, Tag::variable);
    consider(syntax_.block_start, Tag::block);
    consider(syntax_.comment_start, Tag::comment);
    return first;
  }

  // Text up to the next tag, and that tag.
  void data() {
    const std::size_t from = at_;
    const auto opening = next_opening();
    const std::size_t stop = opening ? opening->at : text_.size();
    std::string_view piece = text_.substr(from, stop - from);
    at_ = stop;
    if (!opening) return put_data(from, piece);
    at_ += opening->length;
    const char sign = at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+') ? text_[at_] : ' ';
    if (sign != ' ') ++at_;
    if (sign == '-')
      piece = without_trailing_space(piece);
    else if (sign == ' ' && syntax_.lstrip_blocks && opening->tag != Tag::variable)
      piece = without_indentation(piece);
    put_data(from, piece);
    tag(*opening);
  }

  void put_data(std::size_t from, std::string_view piece) {
    if (!piece.empty()) put(Token::Kind::data, from, std::string(piece));
  }

  static std::string_view without_trailing_space(std::string_view piece) {
    while (!piece.empty() && is_blank(piece.back())) piece.remove_suffix(1);
    return piece;
  }

  // What stands between the start of the line and a tag goes when it is only space.
  std::string_view without_indentation(std::string_view piece) const {
    const std::size_t newline = piece.rfind('\n');
    const std::size_t line = newline == piece.npos ? 0 : newline + 1;
    if (line == 0 && !at_line_start_) return piece;
    const std::string_view indentation = piece.substr(line);
    return std::all_of(indentation.begin(), indentation.end(), is_blank) ? piece.substr(0, line) : piece;
  }

  void tag(const Opening& opening) {
    switch (opening.tag) {
      case Tag::comment:
        return comment(opening.at);
      case Tag::variable:
        put(Token::Kind::variable_begin, opening.at, "");
        return inside(syntax_.variable_end, Token::Kind::variable_end, syntax_.raw_literals);
      case Tag::block:
        if (is_raw()) return raw(opening.at);
        put(Token::Kind::block_begin, opening.at, "");
        return inside(syntax_.block_end, Token::Kind::block_end, false);
    }
  }

  void comment(std::size_t from) {
    const std::size_t end = text_.find(syntax_.comment_end, at_);
    if (end == text_.npos) {
      at_ = text_.size();
      return bad(from, Error("this comment is never closed").hint("expected '" + syntax_.comment_end + "'"));
    }
    const char sign = end > at_ ? text_[end - 1] : ' ';
    at_ = end + syntax_.comment_end.size();
    after_tag(sign, true);
  }

  // What the end of a tag takes with it: `-` all space, a block or comment the newline behind it.
  void after_tag(char sign, bool trims) {
    const std::size_t from = at_;
    if (sign == '-')
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    else if (sign != '+' && trims && syntax_.trim_blocks && at_ < text_.size() && text_[at_] == '\n')
      ++at_;
    at_line_start_ = at_ > from && text_[at_ - 1] == '\n';
  }

  void skip_space() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  // Whether this block tag is exactly `raw`.
  bool is_raw() const {
    std::size_t i = at_;
    const auto skip = [&] {
      while (i < text_.size() && is_blank(text_[i])) ++i;
    };
    skip();
    if (text_.compare(i, 3, "raw") != 0) return false;
    i += 3;
    skip();
    if (i < text_.size() && text_[i] == '-') ++i;
    return text_.compare(i, syntax_.block_end.size(), syntax_.block_end) == 0;
  }

  void raw(std::size_t from) {
    at_ = text_.find(syntax_.block_end, at_);
    const char begin_sign = text_[at_ - 1];
    at_ += syntax_.block_end.size();
    after_tag(begin_sign, false);
    const std::size_t content = at_;
    for (std::size_t end = text_.find(syntax_.block_start, at_); end != text_.npos;
         end = text_.find(syntax_.block_start, end + 1)) {
      at_ = end + syntax_.block_start.size();
      const char sign = at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+') ? text_[at_++] : ' ';
      skip_space();
      if (!next_is("endraw")) continue;
      at_ += 6;
      skip_space();
      const char end_sign = at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+') ? text_[at_++] : ' ';
      if (!next_is(syntax_.block_end)) continue;
      at_ += syntax_.block_end.size();
      std::string_view piece = text_.substr(content, end - content);
      if (sign == '-')
        piece = without_trailing_space(piece);
      else if (sign == ' ' && syntax_.lstrip_blocks)
        piece = without_indentation(piece);
      put_data(content, piece);
      return after_tag(end_sign, true);
    }
    at_ = text_.size();
    bad(from, Error("'raw' is never closed").hint("expected '{% endraw %}'"));
  }

  void bad(std::size_t from, Error error) { put(Token::Kind::bad, from, "").error = std::move(error); }

  // The tokens of one tag, up to and with its end mark.
  void inside(std::string_view end, Token::Kind end_kind, bool raw_literals) {
    std::vector<char> open;
    while (true) {
      skip_space();
      if (at_ >= text_.size()) return;
      if (!end.empty() && open.empty() && ends_tag(end, end_kind)) return;
      if (!token(open, raw_literals) && !skip_to(end)) return;
    }
  }

  bool ends_tag(std::string_view end, Token::Kind end_kind) {
    const std::size_t from = at_;
    char sign = text_[at_];
    if (sign == '-' || (sign == '+' && end_kind == Token::Kind::block_end)) {
      if (text_.compare(at_ + 1, end.size(), end) != 0) return false;
      ++at_;
    } else if (next_is(end)) {
      sign = ' ';
    } else {
      return false;
    }
    at_ += end.size();
    put(end_kind, from, "");
    after_tag(sign, end_kind == Token::Kind::block_end);
    return true;
  }

  // After a character that means nothing: on to where the tag ends, if it does.
  bool skip_to(std::string_view end) {
    const std::size_t found = end.empty() ? text_.npos : text_.find(end, at_);
    at_ = found == text_.npos ? text_.size() : found;
    return found != text_.npos;
  }

  // One token; false after a bad one.
  bool token(std::vector<char>& open, bool raw_literals) {
    const char c = text_[at_];
    if (is_name_start(c)) return name();
    if (is_number_part(c)) return number();
    if (c == '\'' || c == '"') return literal(c, raw_literals);
    for (const std::string_view symbol : symbols)
      if (next_is(symbol)) return operation(symbol, open);
    const std::size_t from = at_;
    at_ += byte_of_character(rest(), 1);
    const std::string found(text_.substr(from, at_ - from));
    Error error("unexpected character '" + found + "'");
    if (found == "&") error.hint("Jinja says 'and'");
    if (found == "!") error.hint("Jinja says 'not'");
    bad(from, std::move(error));
    return false;
  }

  bool operation(std::string_view symbol, std::vector<char>& open) {
    const std::size_t from = at_;
    at_ += symbol.size();
    const char c = symbol.front();
    if (c == '(' || c == '[' || c == '{') open.push_back(c);
    if (c == ')' || c == ']' || c == '}') {
      const char partner = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open.empty() || open.back() != partner) {
        Error error("unexpected '" + std::string(1, c) + "'");
        if (!open.empty())
          error.hint(std::string("expected '") +
                     (open.back() == '('   ? ')'
                      : open.back() == '[' ? ']'
                                           : '}') +
                     "' first");
        bad(from, std::move(error));
        return false;
      }
      open.pop_back();
    }
    put(Token::Kind::symbol, from, std::string(symbol));
    return true;
  }

  bool name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_number_part(text_[at_]))) ++at_;
    put(Token::Kind::name, from, std::string(text_.substr(from, at_ - from)));
    return true;
  }

  void digits() {
    while (at_ < text_.size() && (is_number_part(text_[at_]) ||
                                  (text_[at_] == '_' && at_ + 1 < text_.size() && is_number_part(text_[at_ + 1]))))
      ++at_;
  }

  bool number() {
    const std::size_t from = at_;
    const bool after_dot = from > 0 && text_[from - 1] == '.';
    if (text_[at_] == '0' && at_ + 1 < text_.size())
      if (const int base = base_of(text_[at_ + 1]); base != 0) return based_number(base);
    digits();
    bool real = false;
    const auto digit_at = [&](std::size_t i) { return i < text_.size() && is_number_part(text_[i]); };
    if (!after_dot && at_ < text_.size() && text_[at_] == '.' && digit_at(at_ + 1)) real = true, ++at_, digits();
    if (!after_dot && at_ < text_.size() && (text_[at_] | 0x20) == 'e') {
      const std::size_t sign = at_ + 1 < text_.size() && (text_[at_ + 1] == '+' || text_[at_ + 1] == '-') ? 1 : 0;
      if (digit_at(at_ + 1 + sign)) real = true, at_ += 1 + sign, digits();
    }
    const std::string_view literal = text_.substr(from, at_ - from);
    if (real) return put(Token::Kind::real, from, "").number = *parse_real(literal), true;
    if (literal.size() > 1 && literal[0] == '0' && literal.find_first_not_of("0_") != literal.npos) {
      bad(from,
          Error("a whole number does not begin with 0").hint("for octal write 0o" + std::string(literal.substr(1))));
      return false;
    }
    return put_integer(from, literal, 10);
  }

  static int base_of(char letter) {
    switch (letter | 0x20) {
      case 'x':
        return 16;
      case 'o':
        return 8;
      case 'b':
        return 2;
    }
    return 0;
  }

  bool based_number(int base) {
    const std::size_t from = at_;
    at_ += 2;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_number_part(text_[at_]))) ++at_;
    return put_integer(from, text_.substr(from, at_ - from), base);
  }

  bool put_integer(std::size_t from, std::string_view literal, int base) {
    const auto value = parse_integer(literal, base);
    if (!value) {
      bad(from, Error("'" + std::string(literal) + "' is no number that fits into 64 bits"));
      return false;
    }
    put(Token::Kind::integer, from, std::string(literal)).number = *value;
    return true;
  }

  bool literal(char quote, bool raw_literals) {
    const std::size_t from = at_++;
    while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = from + 1;
      bad(from, Error("this text is never closed").hint(std::string("expected another ") + quote));
      return false;
    }
    const std::string_view content = text_.substr(from + 1, at_ - from - 1);
    ++at_;
    put(Token::Kind::text, from, raw_literals ? std::string(content) : unescaped(content));
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  const Syntax& syntax_;
  bool at_line_start_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of_template(std::string_view text, std::size_t start, const Syntax& syntax) {
  return Lexer(text, start, syntax).whole_template();
}

std::vector<Token> tokens_of_expression(std::string_view text, bool raw_literals) {
  Syntax syntax;
  syntax.raw_literals = raw_literals;
  return Lexer(text, 0, syntax).bare_expression();
}

}  // namespace agent::jinja
