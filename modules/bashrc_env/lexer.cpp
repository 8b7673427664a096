#include "lexer.hpp"

#include <array>

namespace agent::bashrc_env {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool ends_word(char c) {
  return is_blank(c) || std::string_view("\n;&|()<>").find(c) != std::string_view::npos;
}

// The delimiter of a here-document: its word without quotes.
std::string without_quotes(std::string_view word) {
  std::string text;
  for (const char c : word)
    if (c != '\'' && c != '"' && c != '\\') text += c;
  return text;
}

}  // namespace

Token Lexer::next() {
  while (true) {
    if (is_blank(at(i_))) {
      ++i_;
    } else if (at(i_) == '\\' && at(i_ + 1) == '\n') {
      i_ += 2;
    } else {
      break;
    }
  }
  const std::size_t start = i_;
  if (start >= text_.size()) return {Token::Kind::end, {start, start}};
  if (at(i_) == '\n') return newline();
  if (at(i_) == '#') {
    while (i_ < text_.size() && at(i_) != '\n') ++i_;
    return {Token::Kind::comment, {start, i_}};
  }
  const bool substitutes = (at(i_) == '<' || at(i_) == '>') && at(i_ + 1) == '(';
  return ends_word(at(i_)) && !substitutes ? sign() : word();
}

Token Lexer::newline() {
  const std::size_t start = i_++;
  for (const Document& document : documents_) {
    while (i_ < text_.size()) {
      std::size_t line = i_;
      if (document.tabs)
        while (at(line) == '\t') ++line;
      const std::size_t end = std::min(text_.find('\n', line), text_.size());
      i_ = std::min(end + 1, text_.size());
      if (text_.substr(line, end - line) == document.end) break;
    }
  }
  documents_.clear();
  return {Token::Kind::newline, {start, start + 1}};
}

Token Lexer::sign() {
  static constexpr std::array<std::string_view, 16> signs = {";;&", "<<<", "<<-", "&>>", ";;", ";&", "&&", "||",
                                                             "|&",  "<<",  ">>",  ">|",  "<&", ">&", "&>", "<>"};
  const std::size_t start = i_;
  std::size_t size = 1;
  for (const std::string_view sign : signs)
    if (text_.substr(i_, sign.size()) == sign) {
      size = sign.size();
      break;
    }
  i_ += size;
  const std::string_view found = text_.substr(start, size);
  expects_delimiter_ = found == "<<" || found == "<<-";
  strips_tabs_ = found == "<<-";
  return {Token::Kind::sign, {start, i_}};
}

Token Lexer::word() {
  const std::size_t start = i_;
  while (i_ < text_.size()) {
    const char c = at(i_);
    const bool substitutes = (c == '<' || c == '>') && at(i_ + 1) == '(';
    // "name=(...)" is an array, "@(...)" a pattern: brackets that belong to the word.
    const bool joined = c == '(' && i_ > start && std::string_view("=@*+?!").find(at(i_ - 1)) != std::string_view::npos;
    if (ends_word(c) && !substitutes && !joined) break;
    if (substitutes) ++i_;
    piece();
  }
  if (expects_delimiter_) documents_.push_back({without_quotes(text_.substr(start, i_ - start)), strips_tabs_});
  expects_delimiter_ = false;
  return {Token::Kind::word, {start, i_}};
}

// The next character with all that it opens.
void Lexer::piece() {
  switch (at(i_)) {
    case '\\':
      i_ = std::min(i_ + 2, text_.size());
      break;
    case '\'':
      single_quotes();
      break;
    case '"':
      double_quotes();
      break;
    case '`':
      backticks();
      break;
    case '(':
      brackets('(', ')');
      break;
    case '$':
      dollar();
      break;
    default:
      ++i_;
  }
}

void Lexer::single_quotes() {
  const std::size_t end = text_.find('\'', i_ + 1);
  unfinished_ = unfinished_ || end == std::string_view::npos;
  i_ = end == std::string_view::npos ? text_.size() : end + 1;
}

void Lexer::escaped_quotes() {
  for (++i_; i_ < text_.size(); ++i_) {
    if (at(i_) == '\\') {
      ++i_;
    } else if (at(i_) == '\'') {
      ++i_;
      return;
    }
  }
  i_ = text_.size();
  unfinished_ = true;
}

void Lexer::double_quotes() {
  for (++i_; i_ < text_.size();) {
    switch (at(i_)) {
      case '"':
        ++i_;
        return;
      case '\\':
        i_ += 2;
        break;
      case '`':
        backticks();
        break;
      case '$':
        if (at(i_ + 1) == '\'' || at(i_ + 1) == '"')
          ++i_;  // no quoting of their own in here
        else
          dollar();
        break;
      default:
        ++i_;
    }
  }
  i_ = text_.size();
  unfinished_ = true;
}

void Lexer::backticks() {
  for (++i_; i_ < text_.size(); ++i_) {
    if (at(i_) == '\\') {
      ++i_;
    } else if (at(i_) == '`') {
      ++i_;
      return;
    }
  }
  i_ = text_.size();
  unfinished_ = true;
}

void Lexer::dollar() {
  ++i_;
  switch (at(i_)) {
    case '\'':
      escaped_quotes();
      break;
    case '"':
      double_quotes();
      break;
    case '(':
      brackets('(', ')');
      break;
    case '{':
      brackets('{', '}');
      break;
    case '$':
      ++i_;
      break;  // the shell's own number, not the start of another expansion
    default:
      break;
  }
}

void Lexer::brackets(char open, char close) {
  int depth = 0;
  while (i_ < text_.size()) {
    const char c = at(i_);
    if (c == open && (depth == 0 || open == '(')) {
      ++depth;
      ++i_;
    } else if (c == close) {
      ++i_;
      if (--depth == 0) return;
    } else if (c == '#' && open == '(' && (is_blank(at(i_ - 1)) || at(i_ - 1) == '\n')) {
      while (i_ < text_.size() && at(i_) != '\n') ++i_;  // a comment in "$( ... )"
    } else {
      piece();
    }
  }
  unfinished_ = true;
}

bool Lexer::skip_arithmetic(const Token& opened) {
  if (at(opened.range.begin + 1) != '(') return false;
  i_ = opened.range.begin;
  brackets('(', ')');
  return true;
}

}  // namespace agent::bashrc_env
