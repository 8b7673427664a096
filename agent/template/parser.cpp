#include <algorithm>
#include <functional>
#include <set>

#include <agent/template/expression_parser.hpp>
#include <agent/template/parser.hpp>

namespace agent::jinja {

namespace {

constexpr int deepest = 100;  // blocks in blocks

const Strings& statement_names() {
  static const Strings names = {"for",  "if",         "set",    "macro", "call",    "filter",
                                "with", "include",    "import", "from",  "extends", "block",
                                "raw",  "autoescape", "do",     "break", "continue"};
  return names;
}

/// Counts how deep the parser is in statements.
class Level {
 public:
  Level(int& depth, const TokenStream& tokens) : depth_(depth) {
    if (depth_ >= deepest) tokens.fail(Error("statements are nested too deeply"));
    ++depth_;
  }
  ~Level() { --depth_; }

 private:
  int& depth_;
};

class Parser {
 public:
  Parser(Program& program, std::vector<Token> tokens, const Syntax& syntax, const Registry& registry)
      : program_(program),
        tokens_(std::move(tokens)),
        syntax_(syntax),
        expressions_(tokens_, registry, program.doubts) {}

  void whole_template() {
    program_.body = body({}, nullptr);
    if (!program_.mistakes.empty()) program_.body.clear();
  }

  void bare_expression() {
    try {
      program_.expression = expressions_.expression(true);
      tokens_.expect(Token::Kind::end);
    } catch (ParseFailure& failure) {
      program_.mistakes.push_back(std::move(failure.mistake));
    }
  }

 private:
  /// A statement that is open, for the message when it is never closed.
  struct Open {
    std::string name;
    const Token* token;
    const Open* outer;
  };

  // Statements up to a block tag that begins with one of `ends` (that name is not read yet, the tag's begin is).
  Body body(const Strings& ends, const Open* open) {
    const Level level(depth_, tokens_);
    Body statements;
    while (true) {
      const std::size_t mistakes = program_.mistakes.size(), began = tokens_.position();
      try {
        const Token& token = tokens_.peek();
        if (token.kind == Token::Kind::end) {
          if (!ends.empty()) fail_unclosed(*open);
          break;
        }
        if (token.kind == Token::Kind::block_begin && !ends.empty() && tokens_.peek(1).kind == Token::Kind::name &&
            std::find(ends.begin(), ends.end(), tokens_.peek(1).text) != ends.end()) {
          tokens_.next();
          break;
        }
        statement(statements, open);
      } catch (ParseFailure& failure) {
        // One mistake in a tag is no reason to be silent about the others; an unclosed statement is the last one.
        if (tokens_.is_at_end()) {
          if (mistakes == program_.mistakes.size()) program_.mistakes.push_back(std::move(failure.mistake));
          if (open) throw ParseFailure{program_.mistakes.back()};
          break;
        }
        program_.mistakes.push_back(std::move(failure.mistake));
        tokens_.skip_tag(began);
      }
    }
    return statements;
  }

  [[noreturn]] void fail_unclosed(const Open& open) {
    TokenStream::fail(
        Error("'" + open.name + "' is never closed").hint("expected '{% end" + open.name + " %}' somewhere behind it"),
        *open.token);
  }

  void statement(Body& statements, const Open* open) {
    const Token& token = tokens_.next();
    if (token.kind == Token::Kind::data) {
      statements.push_back(std::make_unique<Text>(token.offset, token.text));
    } else if (token.kind == Token::Kind::variable_begin) {
      if (tokens_.at(Token::Kind::variable_end)) tokens_.fail(Error("there is nothing between '{{' and '}}'"));
      ExpressionPtr value = expressions_.expression(true);
      if (!tokens_.at(Token::Kind::variable_end)) tokens_.fail_expected("'}}'");
      tokens_.next();
      statements.push_back(std::make_unique<Output>(token.offset, std::move(value)));
    } else {
      statements.push_back(block_tag(token, open));
    }
  }

  StatementPtr block_tag(const Token& begin, const Open* open) {
    const Token& name = tokens_.expect_name("the name of a statement");
    const Open here{name.text, &name, open};
    using Read = StatementPtr (Parser::*)(std::uint32_t, const Open&);
    static const std::map<std::string_view, Read> readers = {{"if", &Parser::condition},
                                                             {"for", &Parser::loop},
                                                             {"set", &Parser::assignment},
                                                             {"macro", &Parser::macro},
                                                             {"call", &Parser::call_block},
                                                             {"filter", &Parser::filter_block},
                                                             {"with", &Parser::with},
                                                             {"include", &Parser::include},
                                                             {"import", &Parser::import},
                                                             {"from", &Parser::from_import},
                                                             {"extends", &Parser::extends},
                                                             {"block", &Parser::block},
                                                             {"autoescape", &Parser::autoescape},
                                                             {"do", &Parser::run},
                                                             {"break", &Parser::leave},
                                                             {"continue", &Parser::leave}};
    const auto found = readers.find(name.text);
    if (found == readers.end()) {
      // What closes a statement that was not understood is no second mistake.
      if (is_closing(name.text) && !program_.mistakes.empty()) {
        tokens_.skip_tag(tokens_.position() - 1);
        return std::make_unique<Text>(begin.offset, "");
      }
      fail_unknown_statement(name, open);
    }
    return (this->*found->second)(begin.offset, here);
  }

  static bool is_closing(const std::string& name) {
    return name.rfind("end", 0) == 0 || name == "else" || name == "elif";
  }

  [[noreturn]] void fail_unknown_statement(const Token& name, const Open* open) {
    const bool closes = is_closing(name.text);
    Error error(closes ? "nothing is open that '" + name.text + "' could belong to"
                       : "there is no statement '" + name.text + "'");
    if (closes && open)
      error = Error("expected '{% end" + open->name + " %}', found '" + name.text + "'");
    else if (auto hint = did_you_mean(name.text, statement_names()))
      error.hint(*std::move(hint));
    else if (!closes)
      error.hint("to output a value write '{{ " + name.text + " }}'");
    TokenStream::fail(std::move(error), name);
  }

  void end_tag() { tokens_.expect(Token::Kind::block_end); }

  // `{% endNAME %}`, whose begin is read already.
  void close(std::string_view name) {
    tokens_.expect_name("'" + std::string(name) + "'");
    end_tag();
  }

  StatementPtr condition(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<If>(offset);
    ExpressionPtr test = expressions_.expression(true, false);
    end_tag();
    node->branches.emplace_back(std::move(test), body({"elif", "else", "endif"}, &open));
    while (tokens_.skip_name("elif")) {
      test = expressions_.expression(true, false);
      end_tag();
      node->branches.emplace_back(std::move(test), body({"elif", "else", "endif"}, &open));
    }
    if (tokens_.skip_name("else")) {
      end_tag();
      node->otherwise = body({"endif"}, &open);
    }
    close("endif");
    return node;
  }

  StatementPtr loop(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<For>(offset);
    node->target = target(false);
    if (!tokens_.skip_name("in")) tokens_.fail_expected("'in'");
    node->items = expressions_.expression(true, false);
    if (tokens_.skip_name("if")) node->condition = expressions_.expression(false);
    node->recursive = tokens_.skip_name("recursive");
    end_tag();
    ++loops_;
    node->body = body({"endfor", "else"}, &open);
    --loops_;
    if (tokens_.skip_name("else")) {
      end_tag();
      node->otherwise = body({"endfor"}, &open);
    }
    close("endfor");
    return node;
  }

  Target one_target(bool allow_member) {
    Target result;
    if (tokens_.at_symbol("(")) {
      tokens_.next();
      result = target(false);
      tokens_.expect_symbol(")");
      return result;
    }
    const Token& name = tokens_.expect_name("a name");
    static const std::set<std::string_view> constants = {"true", "false", "none", "True", "False", "None"};
    if (constants.count(name.text)) TokenStream::fail(Error("'" + name.text + "' cannot be given a value"), name);
    result.offset = name.offset;
    result.name = name.text;
    if (allow_member && tokens_.skip_symbol(".")) result.member = tokens_.expect_name("a name").text;
    return result;
  }

  Target target(bool allow_member) {
    Target first = one_target(allow_member);
    if (!tokens_.at_symbol(",")) return first;
    Target several;
    several.offset = first.offset;
    several.items.push_back(std::move(first));
    while (tokens_.skip_symbol(",")) {
      if (!tokens_.at(Token::Kind::name) && !tokens_.at_symbol("(")) break;
      if (tokens_.at_name("in")) break;
      several.items.push_back(one_target(allow_member));
    }
    return several;
  }

  StatementPtr assignment(std::uint32_t offset, const Open& open) {
    Target left = target(true);
    if (tokens_.skip_symbol("=")) {
      auto node = std::make_unique<Assign>(offset);
      node->target = std::move(left);
      node->value = expressions_.expression(true);
      end_tag();
      return node;
    }
    auto node = std::make_unique<AssignBlock>(offset);
    node->target = std::move(left);
    if (tokens_.skip_symbol("|")) node->filter = expressions_.filter_chain();
    if (!tokens_.at(Token::Kind::block_end)) tokens_.fail_expected("'=' or '%}'");
    end_tag();
    node->body = body({"endset"}, &open);
    close("endset");
    return node;
  }

  void signature(Parameters& parameters) {
    tokens_.expect_symbol("(");
    while (!tokens_.at_symbol(")")) {
      if (!parameters.names.empty()) tokens_.expect_symbol(",");
      if (tokens_.at_symbol(")")) break;
      const Token& name = tokens_.expect_name("the name of an argument");
      parameters.names.push_back(name.text);
      if (tokens_.skip_symbol("="))
        parameters.defaults.push_back(expressions_.expression(false));
      else if (!parameters.defaults.empty())
        TokenStream::fail(Error("'" + name.text + "' needs a default value, since the one before has one"), name);
    }
    tokens_.expect_symbol(")");
  }

  // `varargs`, `kwargs` and `caller` are arguments of a macro that names them.
  void macro_body(MacroDefinition& macro, const Strings& ends, const Open& open) {
    const std::size_t from = tokens_.position();
    const int loops = std::exchange(loops_, 0);
    macro.body = body(ends, &open);
    loops_ = loops;
    macro.takes_rest = tokens_.names_between(from, "varargs");
    macro.takes_named_rest = tokens_.names_between(from, "kwargs");
    macro.takes_caller = tokens_.names_between(from, "caller");
  }

  StatementPtr macro(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<MacroDefinition>(offset);
    node->name = tokens_.expect_name("the name of the macro").text;
    signature(node->parameters);
    end_tag();
    macro_body(*node, {"endmacro"}, open);
    close("endmacro");
    return node;
  }

  StatementPtr call_block(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<CallBlock>(offset);
    node->caller = std::make_shared<MacroDefinition>(offset);
    node->caller->name = "caller";
    if (tokens_.at_symbol("(")) signature(node->caller->parameters);
    const Token& start = tokens_.peek();
    node->call = expressions_.expression(false);
    if (node->call->kind != Expression::Kind::call) TokenStream::fail(Error("expected a call of a macro"), start);
    end_tag();
    macro_body(*node->caller, {"endcall"}, open);
    close("endcall");
    return node;
  }

  StatementPtr filter_block(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<FilterBlock>(offset);
    node->filter = expressions_.filter_chain();
    end_tag();
    node->body = body({"endfilter"}, &open);
    close("endfilter");
    return node;
  }

  StatementPtr with(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<With>(offset);
    while (!tokens_.at(Token::Kind::block_end)) {
      if (!node->values.empty()) tokens_.expect_symbol(",");
      Target name = one_target(false);
      tokens_.expect_symbol("=");
      node->values.emplace_back(std::move(name), expressions_.expression(false));
    }
    end_tag();
    node->body = body({"endwith"}, &open);
    close("endwith");
    return node;
  }

  // `with context` or `without context`, if that is what follows.
  bool context(bool otherwise) {
    const bool with = tokens_.at_name("with"), without = tokens_.at_name("without");
    if ((!with && !without) || !tokens_.peek(1).is_name("context")) return otherwise;
    tokens_.next();
    tokens_.next();
    return with;
  }

  StatementPtr include(std::uint32_t offset, const Open&) {
    auto node = std::make_unique<Include>(offset);
    node->source = expressions_.expression(false);
    if (tokens_.at_name("ignore") && tokens_.peek(1).is_name("missing")) {
      tokens_.next();
      tokens_.next();
      node->ignore_missing = true;
    }
    node->with_context = context(true);
    end_tag();
    return node;
  }

  StatementPtr import(std::uint32_t offset, const Open&) {
    auto node = std::make_unique<Import>(offset);
    node->source = expressions_.expression(false);
    if (!tokens_.skip_name("as")) tokens_.fail_expected("'as'");
    node->name = tokens_.expect_name("a name").text;
    node->with_context = context(false);
    end_tag();
    return node;
  }

  StatementPtr from_import(std::uint32_t offset, const Open&) {
    auto node = std::make_unique<FromImport>(offset);
    node->source = expressions_.expression(false);
    if (!tokens_.skip_name("import")) tokens_.fail_expected("'import'");
    while (tokens_.at(Token::Kind::name)) {
      const bool is_context =
          (tokens_.at_name("with") || tokens_.at_name("without")) && tokens_.peek(1).is_name("context");
      if (is_context) break;
      const Token& name = tokens_.next();
      if (name.text[0] == '_') TokenStream::fail(Error("names that begin with '_' cannot be imported"), name);
      std::string here = name.text;
      if (tokens_.skip_name("as")) here = tokens_.expect_name("a name").text;
      node->names.emplace_back(name.text, std::move(here));
      if (!tokens_.skip_symbol(",")) break;
    }
    if (node->names.empty()) tokens_.fail_expected("a name");
    node->with_context = context(false);
    end_tag();
    return node;
  }

  StatementPtr extends(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<Extends>(offset);
    if (extends_) TokenStream::fail(Error("a template can extend only one other"), *open.token);
    extends_ = true;
    node->source = expressions_.expression(false);
    end_tag();
    return node;
  }

  StatementPtr block(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<Block>(offset);
    const Token& name = tokens_.expect_name("the name of the block");
    node->name = name.text;
    node->scoped = tokens_.skip_name("scoped");
    node->required = tokens_.skip_name("required");
    if (program_.blocks.count(node->name))
      TokenStream::fail(Error("there is a block '" + node->name + "' already"), name);
    program_.blocks[node->name] = node.get();
    end_tag();
    node->body = body({"endblock"}, &open);
    tokens_.next();
    if (tokens_.at(Token::Kind::name) && !tokens_.skip_name(node->name))
      tokens_.fail_expected("'" + node->name + "', the name of this block");
    end_tag();
    return node;
  }

  StatementPtr autoescape(std::uint32_t offset, const Open& open) {
    auto node = std::make_unique<ScopeBlock>(offset);
    expressions_.expression(false);
    end_tag();
    node->body = body({"endautoescape"}, &open);
    close("endautoescape");
    return node;
  }

  StatementPtr run(std::uint32_t offset, const Open& open) {
    if (!syntax_.do_statement)
      TokenStream::fail(Error("the statement 'do' is not enabled")
                            .hint("write '{% set _ = ... %}', or enable it with 'jinja2_extensions = jinja2.ext.do'"),
                        *open.token);
    auto node = std::make_unique<RunStatement>(offset, expressions_.expression(true));
    end_tag();
    return node;
  }

  StatementPtr leave(std::uint32_t offset, const Open& open) {
    if (!syntax_.loop_controls)
      TokenStream::fail(Error("the statement '" + open.name + "' is not enabled")
                            .hint("write '{% for x in list if condition %}', or enable it with 'jinja2_extensions = "
                                  "jinja2.ext.loopcontrols'"),
                        *open.token);
    if (loops_ == 0) TokenStream::fail(Error("'" + open.name + "' stands in no loop"), *open.token);
    end_tag();
    return std::make_unique<Leave>(offset, open.name == "continue");
  }

  Program& program_;
  TokenStream tokens_;
  const Syntax& syntax_;
  ExpressionParser expressions_;
  int depth_ = 0, loops_ = 0;
  bool extends_ = false;
};

std::string with_unix_newlines(std::string text) {
  if (text.find('\r') == text.npos) return text;
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      result += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

// A first line `#jinja2: trim_blocks: False, ...` sets the syntax. Returns where the template itself begins.
std::size_t read_header(Program& program, Syntax& syntax) {
  constexpr std::string_view mark = "#jinja2:";
  if (program.text.compare(0, mark.size(), mark) != 0) return 0;
  const std::size_t end = std::min(program.text.find('\n'), program.text.size());
  const auto fail = [&](std::string message, std::size_t at, std::size_t width) {
    program.mistakes.push_back(
        {Error(std::move(message)).hint("expected '#jinja2: trim_blocks: True, lstrip_blocks: False', or one of them"),
         static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(width)});
  };
  std::size_t at = mark.size();
  while (at < end) {
    const std::size_t comma = std::min(program.text.find(',', at), end);
    const std::string_view pair = std::string_view(program.text).substr(at, comma - at);
    const std::size_t colon = pair.find(':');
    const auto trimmed = [](std::string_view part) {
      const std::size_t first = part.find_first_not_of(" \t'\""), last = part.find_last_not_of(" \t'\"");
      return first == part.npos ? std::string() : std::string(part.substr(first, last - first + 1));
    };
    const std::string name = trimmed(pair.substr(0, colon));
    const std::string value = colon == pair.npos ? "" : trimmed(pair.substr(colon + 1));
    const bool on = value == "True" || value == "true";
    const std::map<std::string, std::string*> marks = {
        {"block_start_string", &syntax.block_start},       {"block_end_string", &syntax.block_end},
        {"variable_start_string", &syntax.variable_start}, {"variable_end_string", &syntax.variable_end},
        {"comment_start_string", &syntax.comment_start},   {"comment_end_string", &syntax.comment_end}};
    if (const auto found = marks.find(name); found != marks.end() && !value.empty())
      *found->second = value;
    else if (name == "trim_blocks" || name == "lstrip_blocks") {
      if (!on && value != "False" && value != "false") fail("'" + name + "' has to be True or False", at, comma - at);
      (name == "trim_blocks" ? syntax.trim_blocks : syntax.lstrip_blocks) = on;
    } else if (!name.empty() && name != "keep_trailing_newline" && name != "newline_sequence") {
      fail("the '#jinja2:' line knows no '" + name + "'", at, comma - at);
    }
    at = comma + 1;
  }
  return std::min(end + 1, program.text.size());
}

}  // namespace

ProgramPtr parse_template(std::string text, Syntax syntax, const Registry& registry) {
  auto program = std::make_shared<Program>();
  program->text = with_unix_newlines(std::move(text));
  const std::size_t start = read_header(*program, syntax);
  const std::string_view all = program->text;
  while (program->final_newlines < all.size() - start && all[all.size() - 1 - program->final_newlines] == '\n')
    ++program->final_newlines;
  // The last newline is no part of the template; rendering puts it back.
  const std::string_view read = program->final_newlines > 0 ? all.substr(0, all.size() - 1) : all;
  Parser(*program, tokens_of_template(read, start, syntax), syntax, registry).whole_template();
  return program;
}

ProgramPtr parse_expression(std::string text, bool raw_literals, const Registry& registry) {
  auto program = std::make_shared<Program>();
  program->text = with_unix_newlines(std::move(text));
  const Syntax syntax;
  Parser(*program, tokens_of_expression(program->text, raw_literals), syntax, registry).bare_expression();
  return program;
}

}  // namespace agent::jinja
