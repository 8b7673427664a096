#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "script.hpp"

namespace agent::bashrc_env {

struct Token {
  enum class Kind { word, sign, newline, comment, end };
  Kind kind = Kind::end;
  Range range;
};

/// Cuts a bash script into words, signs (`;`, `&&`, `(`, ...), newlines and comments. Quotes, expansions and
/// here-documents are passed over as bash does it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next();
  /// A quote or a bracket had no end.
  bool unfinished() const { return unfinished_; }
  /// Passes over "((...))", whose first bracket `opened` is. False when it is not that.
  bool skip_arithmetic(const Token& opened);

 private:
  Token word();
  Token sign();
  Token newline();
  void piece();
  void single_quotes();
  void double_quotes();
  void escaped_quotes();
  void backticks();
  void brackets(char open, char close);
  void dollar();
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  std::string_view text_;
  std::size_t i_ = 0;
  bool unfinished_ = false;
  struct Document {
    std::string end;
    bool tabs = false;
  };
  std::vector<Document> documents_;  // here-documents whose text starts after this line
  bool expects_delimiter_ = false, strips_tabs_ = false;
};

}  // namespace agent::bashrc_env
