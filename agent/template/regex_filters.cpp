// Filters and tests with regular expressions, and other tests on text.
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/regex.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

std::string matched(const Match& match, std::size_t group, const std::string& text) {
  if (group >= match.size() || !match[group]) return "";
  return text.substr(match[group]->first, match[group]->second - match[group]->first);
}

Value replace(Context& context, const Value& input, const Bound& arguments) {
  const std::string text = text_of(input), replacement = arguments.text(1);
  const Regex regex(arguments.text(0), {arguments.flag(2), arguments.flag(3), false});
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(0, arguments.integer(4, 0)));
  std::string result;
  std::size_t from = 0, count = 0;
  for (const Match& match : regex.all(text, limit)) {
    const auto [begin, end] = *match.front();
    result.append(text, from, begin - from);
    result += expand(regex, match, text, replacement);
    from = end;
    ++count;
    if (result.size() > context.max_output()) throw Error("the result is too large");
  }
  if (const auto least = arguments.integer(5, 0); least > 0 && static_cast<std::int64_t>(count) < least)
    throw Error("the regular expression matched " + std::to_string(count) + " times, and at least " +
                std::to_string(least) + " were wanted");
  return result.append(text, from);
}

// "\\g<1>" or "\\1": which groups of a match are wanted.
std::vector<std::size_t> wanted_groups(const Regex& regex, const List& given) {
  std::vector<std::size_t> groups;
  for (const Value& argument : given) {
    const std::string text = print(argument);
    std::optional<std::size_t> found;
    if (text.rfind("\\g<", 0) == 0 && text.back() == '>') {
      const std::string name = text.substr(3, text.size() - 4);
      const auto number = parse_integer(name);
      found = number ? std::optional(static_cast<std::size_t>(*number)) : regex.group(name);
      if (!found) throw Error("the regular expression has no group '" + name + "'");
    } else if (text.rfind("\\", 0) == 0) {
      if (const auto number = parse_integer(text.substr(1))) found = static_cast<std::size_t>(*number);
    }
    if (!found) throw Error("'" + text + "' names no group").hint("expected '\\1' or '\\g<name>'");
    if (*found > regex.groups()) throw Error("the regular expression has no group " + std::to_string(*found));
    groups.push_back(*found);
  }
  return groups;
}

RegexFlags search_flags(const Bound& arguments) {
  RegexFlags flags;
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name == "ignorecase")
      flags.ignore_case = truth(value);
    else if (name == "multiline")
      flags.multi_line = truth(value);
    else
      throw Error("filter 'regex_search' has no argument '" + name + "'").hint("it takes 'ignorecase' and 'multiline'");
  }
  return flags;
}

Value search(Context&, const Value& input, const Bound& arguments) {
  const std::string text = text_of(input);
  const Regex regex(arguments.text(0), search_flags(arguments));
  const auto groups = wanted_groups(regex, arguments.rest());
  const auto match = regex.search(text);
  if (!match) return nullptr;
  if (groups.empty()) return matched(*match, 0, text);
  List found;
  for (const std::size_t group : groups)
    found.push_back((*match)[group] ? Value(matched(*match, group, text)) : Value());
  return found;
}

Value find_all(Context&, const Value& input, const Bound& arguments) {
  const std::string text = text_of(input);
  const Regex regex(arguments.text(0), {arguments.flag(2), arguments.flag(1), false});
  List found;
  for (const Match& match : regex.all(text)) {
    if (regex.groups() <= 1) {
      found.emplace_back(matched(match, regex.groups(), text));
      continue;
    }
    List groups;
    for (std::size_t i = 1; i <= regex.groups(); ++i) groups.emplace_back(matched(match, i, text));
    found.push_back(tuple(std::move(groups)));
  }
  return found;
}

Value escape(Context&, const Value& input, const Bound& arguments) {
  const std::string type = arguments.text(0, "python");
  const std::string_view special = type == "python" ? "()[]{}?*+-|^$\\.&~# \t\n\r\v\f" : "\\.^$*[]";
  if (type != "python" && type != "posix_basic")
    throw Error("there is no kind of regular expression '" + type + "'").hint("known are python and posix_basic");
  std::string result;
  for (const char c : text_of(input)) {
    if (special.find(c) != special.npos) result += '\\';
    result += c;
  }
  return result;
}

enum class Way { match, search, fullmatch };

bool holds(const Value& input, const Bound& arguments, Way way) {
  const std::string text = text_of(input);
  std::string pattern = arguments.text(0);
  if (way == Way::fullmatch) pattern = "(?:" + pattern + ")\\Z";
  const Regex regex(pattern, {arguments.flag(1), arguments.flag(2), false});
  return regex.search(text, 0, way != Way::search).has_value();
}

bool matches(Context&, const Value& input, const Bound& arguments) {
  return holds(input, arguments, Way::match);
}
bool finds(Context&, const Value& input, const Bound& arguments) {
  return holds(input, arguments, Way::search);
}
bool regex(Context&, const Value& input, const Bound& arguments) {
  const std::string way = arguments.text(3, "search");
  if (way == "search") return holds(input, arguments, Way::search);
  if (way == "match") return holds(input, arguments, Way::match);
  if (way == "fullmatch") return holds(input, arguments, Way::fullmatch);
  throw Error("'match_type' has to be search, match or fullmatch, not '" + way + "'");
}

bool is_uri(const std::string& text, const Bound& arguments, bool need_host) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0) return false;
  const std::string scheme = lower(text.substr(0, colon));
  if (arguments.has(0) && !arguments[0].is_null()) {
    bool listed = false;
    for (const Value& known : items_of(arguments[0])) listed = listed || print(known) == scheme;
    if (!listed) return false;
  }
  const bool has_host = text.compare(colon, 3, "://") == 0 && text.size() > colon + 3 && text[colon + 3] != '/';
  return need_host ? has_host : text.size() > colon + 1;
}

bool uri(Context&, const Value& input, const Bound& arguments) {
  return is_uri(text_of(input), arguments, false);
}
bool url(Context&, const Value& input, const Bound& arguments) {
  return is_uri(text_of(input), arguments, true);
}
bool urn(Context&, const Value& input, const Bound&) {
  return lower(text_of(input)).rfind("urn:", 0) == 0;
}
bool vault_encrypted(Context&, const Value& input, const Bound&) {
  return text_of(input).rfind("$ANSIBLE_VAULT;", 0) == 0;
}

}  // namespace

const Filters& regex_filters() {
  static const Filters filters = {
      {"regex_replace", "pattern=, replacement=, ignorecase=, multiline=, count=, mandatory_count=", replace},
      {"regex_search", "regex, *, **", search},
      {"regex_findall", "regex, multiline=, ignorecase=", find_all},
      {"regex_escape", "re_type=", escape}};
  return filters;
}

const Tests& text_tests() {
  static const Tests tests = {{"match", "pattern=, ignorecase=, multiline=", matches},
                              {"search", "pattern=, ignorecase=, multiline=", finds},
                              {"regex", "pattern=, ignorecase=, multiline=, match_type=", regex},
                              {"uri", "schemes=", uri},
                              {"url", "schemes=", url},
                              {"urn", "", urn},
                              {"vault_encrypted", "", vault_encrypted}};
  return tests;
}

}  // namespace agent::jinja
