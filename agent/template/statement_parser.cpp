#include <algorithm>
#include <set>

#include <agent/template/statement_parser.hpp>

namespace agent::jinja {
namespace {

constexpr int deepest = 100;  // blocks in blocks

const Strings& statement_names() {
  static const Strings names = {"for",  "if",         "set",    "macro", "call",    "filter",
                                "with", "include",    "import", "from",  "extends", "block",
                                "raw",  "autoescape", "do",     "break", "continue"};
  return names;
}

}  // namespace

void StatementParser::whole_template() {
  program_.body = body({}, nullptr);
  if (!program_.mistakes.empty()) program_.body.clear();
}

void StatementParser::bare_expression() {
  try {
    program_.expression = expressions_.expression(true);
    tokens_.expect(Token::Kind::end);
  } catch (ParseFailure& failure) {
    program_.mistakes.push_back(std::move(failure.mistake));
  }
}

Body StatementParser::body(const Strings& ends, const Open* open) {
  const Nesting level(depth_, deepest, tokens_, "statements are");
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

void StatementParser::fail_unclosed(const Open& open) {
  TokenStream::fail(
      Error("'" + open.name + "' is never closed").hint("expected '{% end" + open.name + " %}' somewhere behind it"),
      *open.token);
}

void StatementParser::statement(Body& statements, const Open* open) {
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

StatementPtr StatementParser::block_tag(const Token& begin, const Open* open) {
  const Token& name = tokens_.expect_name("the name of a statement");
  const Open here{name.text, &name, open};
  using Read = StatementPtr (StatementParser::*)(std::uint32_t, const Open&);
  static const std::map<std::string_view, Read> readers = {{"if", &StatementParser::condition},
                                                           {"for", &StatementParser::loop},
                                                           {"set", &StatementParser::assignment},
                                                           {"macro", &StatementParser::macro},
                                                           {"call", &StatementParser::call_block},
                                                           {"filter", &StatementParser::filter_block},
                                                           {"with", &StatementParser::with},
                                                           {"include", &StatementParser::include},
                                                           {"import", &StatementParser::import},
                                                           {"from", &StatementParser::from_import},
                                                           {"extends", &StatementParser::extends},
                                                           {"block", &StatementParser::block},
                                                           {"autoescape", &StatementParser::autoescape},
                                                           {"do", &StatementParser::run},
                                                           {"break", &StatementParser::leave},
                                                           {"continue", &StatementParser::leave}};
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

bool StatementParser::is_closing(const std::string& name) {
  return name.rfind("end", 0) == 0 || name == "else" || name == "elif";
}

void StatementParser::fail_unknown_statement(const Token& name, const Open* open) {
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

void StatementParser::end_tag() {
  tokens_.expect(Token::Kind::block_end);
}

void StatementParser::close(std::string_view name) {
  tokens_.expect_name("'" + std::string(name) + "'");
  end_tag();
}

StatementPtr StatementParser::condition(std::uint32_t offset, const Open& open) {
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

StatementPtr StatementParser::loop(std::uint32_t offset, const Open& open) {
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

Target StatementParser::one_target(bool allow_member) {
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

Target StatementParser::target(bool allow_member) {
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

StatementPtr StatementParser::assignment(std::uint32_t offset, const Open& open) {
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

StatementPtr StatementParser::filter_block(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<FilterBlock>(offset);
  node->filter = expressions_.filter_chain();
  end_tag();
  node->body = body({"endfilter"}, &open);
  close("endfilter");
  return node;
}

StatementPtr StatementParser::with(std::uint32_t offset, const Open& open) {
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

StatementPtr StatementParser::autoescape(std::uint32_t offset, const Open& open) {
  auto node = std::make_unique<ScopeBlock>(offset);
  expressions_.expression(false);
  end_tag();
  node->body = body({"endautoescape"}, &open);
  close("endautoescape");
  return node;
}

StatementPtr StatementParser::run(std::uint32_t offset, const Open& open) {
  if (!syntax_.do_statement)
    TokenStream::fail(Error("the statement 'do' is not enabled")
                          .hint("write '{% set _ = ... %}', or enable it with 'jinja2_extensions = jinja2.ext.do'"),
                      *open.token);
  auto node = std::make_unique<RunStatement>(offset, expressions_.expression(true));
  end_tag();
  return node;
}

StatementPtr StatementParser::leave(std::uint32_t offset, const Open& open) {
  if (!syntax_.loop_controls)
    TokenStream::fail(Error("the statement '" + open.name + "' is not enabled")
                          .hint("write '{% for x in list if condition %}', or enable it with 'jinja2_extensions = "
                                "jinja2.ext.loopcontrols'"),
                      *open.token);
  if (loops_ == 0) TokenStream::fail(Error("'" + open.name + "' stands in no loop"), *open.token);
  end_tag();
  return std::make_unique<Leave>(offset, open.name == "continue");
}

}  // namespace agent::jinja
