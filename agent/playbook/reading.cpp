#include <algorithm>
#include <array>
#include <cctype>

#include <agent/playbook/keywords.hpp>
#include <agent/playbook/reading.hpp>

namespace agent {
namespace {

bool is_boolean_word(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  static constexpr std::array<std::string_view, 12> words = {"yes", "no", "true", "false", "on", "off",
                                                             "y",   "n",  "t",    "f",     "1",  "0"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_number_text(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string shown(const Value& value) {
  if (value.is_string()) return "'" + value.string() + "'";
  if (value.is_boolean() || value.is_number()) return value.json();
  return std::string(name_of(value.kind()));
}

}  // namespace

bool has_braces(const Value& value) {
  if (!value.is_template()) return false;
  const std::string& text = value.string();
  for (std::size_t at = text.find('{'); at != text.npos && at + 1 < text.size(); at = text.find('{', at + 1))
    if (text[at + 1] == '{' || text[at + 1] == '%' || text[at + 1] == '#') return true;
  return false;
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::optional<std::string> scalar_text(const Value& value) {
  if (value.is_string()) return value.string();
  if (value.is_boolean()) return value.boolean() ? "True" : "False";
  if (value.is_number()) return value.json();
  return {};
}

std::string_view SourceFile::from_line(int line) const {
  if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return {};
  return std::string_view(text).substr(lines[static_cast<std::size_t>(line) - 1]);
}

Where Reading::key(const Map& map, std::string_view name) const {
  const Where place = file_.document.keys.find(map, name);
  if (place) return place;
  const Value* value = map.find(name);
  return value ? value->where() : Where{};
}

void Reading::unknown_keyword(std::string_view what, const Map& map, const std::string& name,
                              const Strings& known) const {
  Error mistake = Error(std::string(what) + " has no keyword '" + name + "'").at(key(map, name));
  if (name == "sudo" || name == "sudo_user" || name == "su" || name == "su_user")
    mistake.hint(name.find("user") == name.npos ? "write 'become: yes'" : "write 'become_user: NAME'");
  else if (const auto hint = did_you_mean(name, known))
    mistake.hint(*hint);
  error("unknown-keyword", std::move(mistake).spanning(static_cast<int>(name.size())));
}

void Reading::wrong_kind(std::string_view keyword, std::string_view expected, const Value& found) const {
  error("keyword-value",
        Error("'" + std::string(keyword) + "' takes " + std::string(expected) + ", not " + shown(found))
            .at(found.where()));
}

std::optional<Value> Reading::boolean(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return {};
  if (value.is_boolean() || has_braces(value)) return value;
  if (value.is_string() && is_boolean_word(value.string())) return value;
  if (value.is_integer() && (value.integer() == 0 || value.integer() == 1)) return value;
  wrong_kind(keyword, "yes or no", value);
  return {};
}

std::optional<Value> Reading::number(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return {};
  if (value.is_number() || has_braces(value)) return value;
  if (value.is_string() && is_number_text(value.string())) return value;
  wrong_kind(keyword, "a number", value);
  return {};
}

std::optional<Value> Reading::text(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return {};
  if (value.is_string()) return value;
  if (const auto written = scalar_text(value)) return Value::template_text(*written, value.where());
  wrong_kind(keyword, "text", value);
  return {};
}

std::optional<std::string> Reading::name(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return {};
  if (value.is_string() && is_variable_name(value.string())) return value.string();
  if (value.is_string())
    error("keyword-value", Error("'" + value.string() + "' cannot be the name of a variable")
                               .at(value.where())
                               .spanning(static_cast<int>(value.string().size()))
                               .hint("a name is letters, digits and '_', and starts with no digit"));
  else
    wrong_kind(keyword, "the name of a variable", value);
  return {};
}

const Map* Reading::map(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return nullptr;
  if (value.is_map()) return &value.map();
  wrong_kind(keyword, "a mapping", value);
  return nullptr;
}

std::vector<Value> Reading::several(std::string_view keyword, const Value& value) const {
  if (value.is_null()) return {};
  if (value.is_list()) {
    std::vector<Value> all;
    for (const Value& item : value.list()) {
      if (item.is_map() || item.is_list())
        wrong_kind(keyword, "text, or a list of texts", item);
      else
        all.push_back(item);
    }
    return all;
  }
  if (!value.is_map()) return {value};
  wrong_kind(keyword, "text, or a list of texts", value);
  return {};
}

}  // namespace agent
