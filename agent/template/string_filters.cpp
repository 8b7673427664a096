// Filters that make text of text.
#include <algorithm>

#include <agent/template/base64.hpp>
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

Value upper_(Context&, const Value& input, const Bound&) {
  return upper(text_of(input));
}

Value lower_(Context&, const Value& input, const Bound&) {
  return lower(text_of(input));
}

Value capitalize_(Context&, const Value& input, const Bound&) {
  return capitalize(text_of(input));
}

// A word begins after white space, a dash or an opening bracket.
Value title(Context&, const Value& input, const Bound&) {
  CodePoints points = code_points(text_of(input));
  bool begins = true;
  for (char32_t& point : points) {
    const bool separates = is_space(point) || std::u32string_view(U"-({[<").find(point) != CodePoints::npos;
    point = begins && !separates ? to_upper(point) : to_lower(point);
    begins = separates;
  }
  return utf8(points);
}

Value trim(Context&, const Value& input, const Bound& arguments) {
  if (!arguments.has(0) || arguments[0].is_null()) return strip(text_of(input));
  return strip(text_of(input), arguments.text(0));
}

Value replace(Context& context, const Value& input, const Bound& arguments) {
  const std::string text = text_of(input), from = arguments.text(0), to = arguments.text(1);
  const auto limit = arguments.integer(2, -1);
  if (to.size() > from.size() && !text.empty() &&
      to.size() > context.max_output() / (from.empty() ? text.size() + 1 : text.size() / from.size() + 1))
    throw Error("the result is too large");
  return replace_all(text, from, to, limit);
}

Value split_(Context&, const Value& input, const Bound& arguments) {
  if (!input.is_string()) throw Error("expected text to split, found " + std::string(kind_name(input)));
  const auto limit = static_cast<long>(arguments.integer(1, -1));
  if (!arguments.has(0) || arguments[0].is_null()) return Value(split(input.string(), limit));
  const std::string separator = arguments.text(0);
  if (separator.empty()) throw Error("the separator to split at is empty").hint("'| list' gives the characters");
  return Value(split(input.string(), separator, limit));
}

Value format(Context&, const Value& input, const Bound& arguments) {
  if (!arguments.named_rest().empty() && !arguments.rest().empty())
    throw Error("'format' takes either named values or others, not both");
  if (arguments.named_rest().empty()) return percent_format(text_of(input), tuple(arguments.rest()));
  Map named;
  for (const auto& [name, value] : arguments.named_rest()) named.set(name, value);
  return percent_format(text_of(input), Value(std::move(named)));
}

Value escape(Context&, const Value& input, const Bound&) {
  std::string escaped;
  for (const char c : text_of(input)) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '\'')
      escaped += "&#39;";
    else if (c == '"')
      escaped += "&#34;";
    else
      escaped += c;
  }
  return escaped;
}

// Tags and comments out, white space to single blanks, the usual entities to what they mean.
Value strip_tags(Context&, const Value& input, const Bound&) {
  const std::string text = text_of(input);
  std::string bare;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 4, "<!--") == 0) {
      const std::size_t end = text.find("-->", i + 4);
      if (end != text.npos) {
        i = end + 3;
        continue;
      }
    }
    if (text[i] == '<') {
      const std::size_t end = text.find('>', i);
      if (end != text.npos) {
        i = end + 1;
        continue;
      }
    }
    bare += text[i++];
  }
  std::string joined;
  for (const std::string& word : split(bare)) joined += (joined.empty() ? "" : " ") + word;
  for (const auto& [entity, meaning] : std::vector<std::pair<std::string, std::string>>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#34;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
    joined = replace_all(joined, entity, meaning);
  return joined;
}

Value quote(Context&, const Value& input, const Bound&) {
  const std::string text = input.is_null() ? "" : text_of(input);
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_safe)) return text;
  return "'" + replace_all(text, "'", "'\"'\"'") + "'";
}

Value b64encode(Context&, const Value& input, const Bound& arguments) {
  return base64_encoded(encoded(text_of(input), arguments.text(0, "utf-8")));
}

Value b64decode(Context&, const Value& input, const Bound& arguments) {
  return decoded(base64_decoded(text_of(input)), arguments.text(0, "utf-8"));
}

Value word_count(Context&, const Value& input, const Bound&) {
  std::int64_t count = 0;
  bool inside = false;
  for (const char32_t point : code_points(text_of(input))) {
    const bool is_word = is_alpha(point) || is_digit(point) || point == '_';
    count += is_word && !inside;
    inside = is_word;
  }
  return count;
}

}  // namespace

const Filters& string_filters() {
  static const Filters filters = {{"upper", "", upper_},
                                  {"lower", "", lower_},
                                  {"capitalize", "", capitalize_},
                                  {"title", "", title},
                                  {"trim", "chars=", trim},
                                  {"replace", "old, new, count=", replace},
                                  {"split", "sep=, maxsplit=", split_},
                                  {"format", "*, **", format},
                                  {"escape", "", escape},
                                  {"e", "", escape},
                                  {"forceescape", "", escape},
                                  {"striptags", "", strip_tags},
                                  {"quote", "", quote},
                                  {"b64encode", "encoding=", b64encode},
                                  {"b64decode", "encoding=", b64decode},
                                  {"wordcount", "", word_count}};
  return filters;
}

}  // namespace agent::jinja
