#include <algorithm>
#include <array>
#include <string_view>

#include <agent/yaml/mistakes.hpp>

namespace agent::yaml {
namespace {

std::size_t indentation(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first == line.npos ? line.size() : first;
}

/// The column of an unquoted `{{` that begins a value in this line, or npos: YAML takes it for a mapping.
std::size_t bare_template(std::string_view line) {
  for (const std::string_view before : {": {{", "- {{"})
    if (const std::size_t at = line.find(before); at != line.npos) return at + 2;
  return line.npos;
}

/// The second ": " of a line: the usual reason for "a value cannot start here".
bool has_colon_in_value(std::string_view line) {
  const std::size_t first = line.find(": ");
  return first != line.npos && (line.find(": ", first + 1) != line.npos || line.back() == ':');
}

Error quote_the_template(const Source& source, int line, std::size_t column) {
  return Error("a value that starts with '{{' must be quoted")
      .at(source.place(line, static_cast<int>(column)))
      .spanning(2)
      .hint("write it as \"{{ ... }}\"");
}

std::size_t tab_in_indentation(std::string_view line) {
  return line.substr(0, indentation(line)).find('\t');
}

Error tab_indents(const Source& source, int line, std::size_t column) {
  return Error("a tab cannot be used for indentation")
      .at(source.place(line, static_cast<int>(column)))
      .hint("use spaces");
}

Error illegal_value(const Source& source, std::string_view text, int line, int column) {
  Error error = Error("a ':' cannot stand here").at(source.place(line, column));
  if (has_colon_in_value(text)) return std::move(error.hint("a value with ': ' in it must be quoted"));
  return std::move(error.hint("is this line indented as the keys beside it are, and is the line above complete?"));
}

Error bad_indentation(const Source& source, std::string_view text, int line, int column) {
  const std::size_t first = indentation(text);
  if (first < text.size() && static_cast<std::size_t>(column) > first)
    return Error("the value has ended before this text")
        .at(source.place(line, column))
        .hint("quote the whole value, or start a new line");
  return Error("this line is indented like no line above it that it could belong to")
      .at(source.place(line, static_cast<int>(first)))
      .hint("all keys of a mapping, and all '-' of a list, start in the same column");
}

Error bad_start(const Source& source, std::string_view text, int line, int column) {
  const std::string found(text.substr(std::min(static_cast<std::size_t>(column), text.size()), 1));
  return Error("text cannot start with '" + found + "' unless it is quoted")
      .at(source.place(line, column))
      .hint("put the text between quotes");
}

Error bad_escape(const Source& source, const std::string& message, int line, int column) {
  const std::string letter = message.substr(message.size() - 1);
  return Error("'\\" + letter + "' means nothing between double quotes")
      .at(source.place(line, std::max(column - 2, 0)))
      .spanning(2)
      .hint("write '\\\\" + letter + "', or put the text between single quotes");
}

}  // namespace

Error explain(const Source& source, const std::string& message, int line, int column) {
  const std::string_view text = source.line(static_cast<std::size_t>(std::max(line, 0)));
  if (const std::size_t at = bare_template(text); at != text.npos) return quote_the_template(source, line, at);
  if (const std::size_t tab = tab_in_indentation(text); tab != text.npos) return tab_indents(source, line, tab);
  if (message.starts_with("illegal map value")) return illegal_value(source, text, line, column);
  if (message.starts_with("end of map not found") || message.starts_with("end of sequence not found"))
    return bad_indentation(source, text, line, column);
  if (message.starts_with("unknown token")) return bad_start(source, text, line, column);
  if (message.starts_with("unknown escape")) return bad_escape(source, message, line, column);
  if (message.starts_with("the referenced anchor"))
    return Error("this alias names an anchor that is not defined above it")
        .at(source.place(line, column))
        .hint("text that starts with '*' must be quoted");
  if (message.starts_with("end of sequence flow not found"))
    return Error("a list that began with '[' is not closed").at(source.place(line, column)).hint("add the ']'");
  if (message.starts_with("end of map flow not found"))
    return Error("a mapping that began with '{' is not closed").at(source.place(line, column)).hint("add the '}'");
  if (message.starts_with("illegal block entry"))
    return Error("a list item cannot start here")
        .at(source.place(line, column))
        .hint("put each '- item' on a line of its own, below its key");
  if (message.starts_with("illegal flow end"))
    return Error("this bracket closes nothing that is open here")
        .at(source.place(line, column))
        .hint("'[' is closed by ']', and '{' by '}', the inner one first");
  if (message.starts_with("illegal map key"))
    return Error("a key cannot start here").at(source.place(line, column)).hint("start a new line");
  return Error("not YAML: " + message).at(source.place(line, column));
}

Error leftover(const Source& source, int line, int column) {
  const std::string_view text = source.line(static_cast<std::size_t>(std::max(line, 0)));
  if (const std::size_t at = bare_template(text); at != text.npos) return quote_the_template(source, line, at);
  return Error("this belongs to nothing above it")
      .at(source.place(line, column))
      .hint("a file holds one list or one mapping: are its lines indented alike?");
}

void reject_tab_indentation(const Source& source, int line, int column) {
  const std::string_view text = source.line(static_cast<std::size_t>(std::max(line, 0)));
  const std::size_t first = indentation(text);
  if (first == 0 || static_cast<std::size_t>(std::max(column, 0)) != first) return;
  if (const std::size_t tab = tab_in_indentation(text); tab != text.npos) throw tab_indents(source, line, tab);
}

void reject_bare_template(const Source& source, int line) {
  const std::string_view text = source.line(static_cast<std::size_t>(std::max(line, 0)));
  if (const std::size_t at = bare_template(text); at != text.npos) throw quote_the_template(source, line, at);
}

void reject_open_quote(const Source& source, int line, int column) {
  if (line < 0) return;
  const std::string_view text = source.text();
  std::size_t at = source.start_of(static_cast<std::size_t>(line)) + static_cast<std::size_t>(column);
  // A tag or an anchor may stand before the quote.
  while (at < text.size() && (text[at] == '!' || text[at] == '&')) {
    at = text.find_first_of(" \n\t", at);
    at = at == text.npos ? text.size() : text.find_first_not_of(" \n\t\r", at);
  }
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return;
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return;
      ++i;
    }
  }
  throw Error("this quote is never closed")
      .at(source.place(line, column))
      .hint(std::string("end the text with ") + (quote == '"' ? "\"" : "'"));
}

}  // namespace agent::yaml
