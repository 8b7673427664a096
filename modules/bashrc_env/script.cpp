#include "script.hpp"

#include <algorithm>

#include "lexer.hpp"

namespace agent::bashrc_env {
namespace {

/// What of a compound command is open. `words` are those of `case X in` and `for X in ...`, where no command stands.
enum class Open { condition, loop, group, bracket, case_head, case_pattern, case_body };

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), lexer_(text) {}

  Script read() {
    while (!failed_) {
      const Token token = lexer_.next();
      if (token.kind == Token::Kind::end) break;
      take(token);
    }
    const bool unfinished = failed_ || !open_.empty() || lexer_.unfinished();
    finish_list();
    if (unfinished && !script_.statements.empty()) stop_before(script_.statements.size() - 1);
    settle_lines();
    return std::move(script_);
  }

 private:
  void take(const Token& token) {
    switch (token.kind) {
      case Token::Kind::comment:
        comment_ = token.range;
        break;
      case Token::Kind::newline:
        take_separator(true);
        break;
      case Token::Kind::sign:
        take_sign(token);
        break;
      case Token::Kind::word:
        take_word(token);
        break;
      case Token::Kind::end:
        break;
    }
  }

  void take_separator(bool newline) {
    command_next_ = true;
    if (open_.empty()) {
      // A list goes on behind a line that ends in "&&", "||" or "|".
      if (newline && continues_) return;
      finish_list();
    } else if (newline) {
      comment_.reset();
    }
  }

  void grow(const Token& token) {
    if (!current_) current_ = Statement{.range = token.range};
    current_->range.end = token.range.end;
    continues_ = false;
  }

  void take_sign(const Token& token) {
    const std::string_view sign = token.range.of(text_);
    if (in_test_) return grow(token);  // in [[ ]] these compare and group
    if (sign == ";" || sign == "&") {
      if (open_.empty() && !current_) return fail(token);
      if (sign == "&" && current_) current_->certain = false;
      return take_separator(false);
    }
    if (sign == ";;" || sign == ";&" || sign == ";;&") {
      if (open_.empty() || open_.back() != Open::case_body) return fail(token);
      open_.back() = Open::case_pattern;
      command_next_ = false;
      return grow(token);
    }
    const bool at_command = command_next_;
    grow(token);
    current_->certain = false;
    if (sign == "&&" || sign == "||" || sign == "|" || sign == "|&") {
      command_next_ = true;
      continues_ = true;
    } else if (sign == "(") {
      take_bracket(token, at_command);
    } else if (sign == ")") {
      close_bracket(token);
    } else {
      redirects_ = true;
    }
  }

  void take_bracket(const Token& token, bool at_command) {
    if (!open_.empty() && open_.back() == Open::case_pattern) return;
    const bool arithmetic = (at_command || after_for_) && lexer_.skip_arithmetic(token);
    if (arithmetic) return;
    open_.push_back(Open::bracket);
    command_next_ = true;
  }

  void close_bracket(const Token& token) {
    if (!open_.empty() && open_.back() == Open::case_pattern) {
      open_.back() = Open::case_body;
      command_next_ = true;
      return;
    }
    if (open_.empty() || open_.back() != Open::bracket) return fail(token);
    open_.pop_back();
    command_next_ = true;  // the body of a function follows its "()"
  }

  void take_word(const Token& token) {
    const std::string_view word = token.range.of(text_);
    grow(token);
    if (redirects_) {
      redirects_ = false;
      return;
    }
    if (in_test_) {
      in_test_ = word != "]]";
      return;
    }
    if (!open_.empty() && take_case_word(word)) return;
    if (!command_next_) {
      if (open_.empty()) current_->words.push_back(token.range);
      return;
    }
    if (take_reserved(token, word)) return;
    command_next_ = false;
    if (open_.empty()) current_->words.push_back(token.range);
  }

  // The head and the patterns of a `case`.
  bool take_case_word(std::string_view word) {
    if (open_.back() == Open::case_head) {
      if (word == "in") open_.back() = Open::case_pattern;
      return true;
    }
    if (open_.back() != Open::case_pattern) return false;
    if (word == "esac") {
      open_.pop_back();
      command_next_ = false;
    }
    return true;
  }

  bool take_reserved(const Token& token, std::string_view word) {
    after_for_ = word == "for";
    if (word == "if") return enter(Open::condition, true);
    if (word == "while" || word == "until") return enter(Open::loop, true);
    if (word == "for" || word == "select") return enter(Open::loop, false);
    if (word == "{") return enter(Open::group, true);
    if (word == "case") return enter(Open::case_head, false);
    if (word == "fi") return leave(token, Open::condition);
    if (word == "done") return leave(token, Open::loop);
    if (word == "}") return leave(token, Open::group);
    if (word == "esac") return leave(token, Open::case_body);
    if (word == "then" || word == "elif" || word == "else" || word == "do") {
      if (open_.empty()) fail(token);
      return true;
    }
    if (word == "!" || word == "time" || word == "function" || word == "coproc") {
      current_->certain = false;
      in_function_name_ = word == "function";
      return true;
    }
    if (in_function_name_) {
      in_function_name_ = false;
      return true;  // its body, a command of its own, follows
    }
    if (word == "[[") {
      current_->certain = false;
      in_test_ = true;
      command_next_ = false;
      return true;
    }
    return false;
  }

  bool enter(Open what, bool command_next) {
    current_->certain = false;
    open_.push_back(what);
    command_next_ = command_next;
    return true;
  }

  bool leave(const Token& token, Open what) {
    if (open_.empty() || open_.back() != what) {
      fail(token);
      return true;
    }
    open_.pop_back();
    command_next_ = false;
    return true;
  }

  void finish_list() {
    if (current_) {
      current_->comment = comment_;
      script_.statements.push_back(std::move(*current_));
    }
    current_.reset();
    comment_.reset();
    continues_ = redirects_ = in_test_ = after_for_ = in_function_name_ = false;
    command_next_ = true;
  }

  // Bash refuses what stands here, and with it the rest of the script.
  void fail(const Token& token) {
    if (!current_) current_ = Statement{.range = token.range};
    current_->certain = false;
    failed_ = true;
  }

  std::size_t line_start(std::size_t offset) const {
    const std::size_t newline = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
  }

  void stop_before(std::size_t statement) {
    while (statement > 0 &&
           line_start(script_.statements[statement].range.begin) < script_.statements[statement - 1].range.end)
      --statement;
    const std::size_t offset = line_start(script_.statements[statement].range.begin);
    script_.stop = std::min(script_.stop.value_or(offset), offset);
  }

  void settle_lines() {
    auto& all = script_.statements;
    for (Statement& statement : all) {
      statement.lines.begin = line_start(statement.range.begin);
      const std::size_t newline = text_.find('\n', statement.range.end);
      statement.lines.end = newline == std::string_view::npos ? text_.size() : newline + 1;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i > 0 && all[i].lines.begin < all[i - 1].lines.end) all[i].alone = all[i - 1].alone = false;
      if (!all[i].certain || all[i].words.empty()) continue;
      const std::string_view command = all[i].words.front().of(text_);
      const bool leaves = command == "return" || command == "exit" || (command == "exec" && all[i].words.size() > 1);
      if (leaves) stop_before(i);
    }
  }

  std::string_view text_;
  Lexer lexer_;
  Script script_;
  std::vector<Open> open_;
  std::optional<Statement> current_;
  std::optional<Range> comment_;
  bool command_next_ = true;  // the next word is a command's name, so it may be a reserved word
  bool continues_ = false, redirects_ = false, in_test_ = false, after_for_ = false, in_function_name_ = false;
  bool failed_ = false;
};

}  // namespace

Script parse_script(std::string_view text) {
  return Reader(text).read();
}

}  // namespace agent::bashrc_env
