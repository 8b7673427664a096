// Filters that lay text out: indented, wrapped, cut, as a comment.
#include <algorithm>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/formatting.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/text_wrap.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::int64_t widest = 1'000'000;

std::int64_t bounded(std::int64_t width) {
  if (width > widest) throw Error("the width is too large");
  return width;
}

Value center(Context&, const Value& input, const Bound& arguments) {
  return padded(text_of(input), bounded(arguments.integer(0, 80)), " ", 'c');
}

Value truncate(Context&, const Value& input, const Bound& arguments) {
  const std::string text = text_of(input), end = arguments.text(2, "...");
  const std::int64_t length = arguments.integer(0, 255), leeway = arguments.integer(3, 5);
  const auto size = static_cast<std::int64_t>(character_count(text));
  const auto end_size = static_cast<std::int64_t>(character_count(end));
  if (length < end_size) throw Error("'length' has to be at least " + std::to_string(end_size) + ", the size of 'end'");
  if (leeway < 0) throw Error("'leeway' cannot be negative");
  if (size <= length + leeway) return text;
  std::string cut = text.substr(0, byte_of_character(text, static_cast<std::size_t>(length - end_size)));
  if (!arguments.flag(1))
    if (const std::size_t blank = cut.rfind(' '); blank != cut.npos) cut.erase(blank);
  return cut + end;
}

Value indent(Context& context, const Value& input, const Bound& arguments) {
  const bool by_text = arguments.has(0) && arguments[0].is_string();
  const std::string indentation =
      by_text ? arguments[0].string()
              : std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, bounded(arguments.integer(0, 4)))), ' ');
  const bool first = arguments.flag(1), blank = arguments.flag(2);
  const Strings lines = split_lines(text_of(input) + "\n");
  if (indentation.size() > context.max_output() / (lines.size() + 1)) throw Error("the result is too large");
  std::string result = first ? indentation : "";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      result += '\n';
      if (blank || !lines[i].empty()) result += indentation;
    }
    result += lines[i];
  }
  return result;
}

Value word_wrap(Context&, const Value& input, const Bound& arguments) {
  const bool has_separator = arguments.has(2) && !arguments[2].is_null();
  WrapOptions options;
  options.width = static_cast<std::size_t>(std::max<std::int64_t>(1, bounded(arguments.integer(0, 79))));
  options.break_long_words = arguments.flag(1, true);
  options.break_on_hyphens = arguments.flag(3, true);
  const std::string separator = has_separator ? arguments.text(2) : "\n";
  std::string result;
  bool is_first = true;
  for (const std::string& line : split_lines(text_of(input))) {
    const Strings wrapped = wrap(line, options);
    if (!is_first) result += separator;
    is_first = false;
    for (std::size_t i = 0; i < wrapped.size(); ++i) result += (i > 0 ? separator : "") + wrapped[i];
  }
  return result;
}

/// What a comment is made of, by its style.
struct CommentStyle {
  std::string beginning, decoration, end;
};

CommentStyle comment_style(const std::string& name) {
  if (name == "plain") return {"", "# ", ""};
  if (name == "erlang") return {"", "% ", ""};
  if (name == "c") return {"", "// ", ""};
  if (name == "cblock") return {"/*", " * ", " */"};
  if (name == "xml") return {"<!--", " - ", "-->"};
  throw Error("there is no comment style '" + name + "'").hint("known are plain, erlang, c, cblock and xml");
}

std::string repeated(const std::string& text, std::int64_t count) {
  std::string result;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(count, 1000); ++i) result += text;
  return result;
}

Value comment(Context&, const Value& input, const Bound& arguments) {
  CommentStyle style = comment_style(arguments.text(0, "plain"));
  for (const auto& [name, value] : arguments.named_rest())
    if (name == "decoration") style.decoration = print(value);
  const std::string stripped = strip(style.decoration, false, true);
  std::string newline = "\n", prefix = stripped, postfix = stripped;
  std::int64_t prefix_count = 1, postfix_count = 1;
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name == "newline")
      newline = print(value);
    else if (name == "beginning")
      style.beginning = print(value);
    else if (name == "end")
      style.end = print(value);
    else if (name == "prefix")
      prefix = print(value);
    else if (name == "postfix")
      postfix = print(value);
    else if (name == "prefix_count")
      prefix_count = static_cast<std::int64_t>(number_of(value));
    else if (name == "postfix_count")
      postfix_count = static_cast<std::int64_t>(number_of(value));
    else if (name != "decoration")
      throw Error("filter 'comment' has no argument '" + name + "'");
  }
  std::string text = style.decoration + replace_all(text_of(input), newline, newline + style.decoration);
  // No trailing blanks on lines that say nothing.
  if (!style.decoration.empty() || !newline.empty())
    text = replace_all(text, style.decoration + newline, strip(style.decoration, false, true) + newline);
  std::string result = style.beginning.empty() ? "" : style.beginning + newline;
  if (!prefix.empty()) result += repeated(prefix == newline ? newline : prefix + newline, prefix_count);
  result += text;
  result += repeated(newline + postfix, postfix_count);
  if (!style.end.empty()) result += newline + style.end;
  return result;
}

Value xml_attributes(Context& context, const Value& input, const Bound& arguments) {
  std::string result;
  for (const auto& [name, value] : map_of(input)) {
    if (value.is_null() || is_undefined(value)) continue;
    result += " " + name + "=\"" + context.filtered("escape", value, {}).string() + "\"";
  }
  return !result.empty() && !arguments.flag(0, true) ? result.substr(1) : result;
}

}  // namespace

const Filters& text_layout_filters() {
  static const Filters filters = {{"center", "width=", center},
                                  {"truncate", "length=, killwords=, end=, leeway=", truncate},
                                  {"indent", "width=, first=, blank=", indent},
                                  {"wordwrap", "width=, break_long_words=, wrapstring=, break_on_hyphens=", word_wrap},
                                  {"comment", "style=, **", comment},
                                  {"xmlattr", "autospace=", xml_attributes}};
  return filters;
}

}  // namespace agent::jinja
