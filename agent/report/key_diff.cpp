#include <algorithm>
#include <map>
#include <vector>

#include <agent/report/key_diff.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/sdk/text.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::report {
namespace {

/// The keys of a text in their order, each with its value as JSON.
using Keys = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t longest = std::size_t{256} << 10;  // what is longer is read as the text that it is

enum class Format { none, yaml, ini };

Format format_of(const std::string& file) {
  const std::string name = file.substr(file.rfind('/') + 1);
  const auto dot = name.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : name.substr(dot + 1);
  const auto is = [&](std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), ending) != all.end();
  };
  if (is({"json", "yaml", "yml"})) return Format::yaml;  // which JSON is, too
  if (is({"ini", "cfg", "repo", "service", "timer", "socket"}) || name == "pip.conf") return Format::ini;
  return Format::none;
}

void add_keys(const Value& value, const std::string& path, Keys& keys) {
  if (value.is_map() && !value.map().empty()) {
    for (const auto& [name, inner] : value.map()) add_keys(inner, path.empty() ? name : path + "." + name, keys);
  } else if (value.is_list() && !value.list().empty()) {
    for (std::size_t i = 0; i < value.list().size(); ++i)
      add_keys(value.list()[i], path + "[" + std::to_string(i) + "]", keys);
  } else {
    keys.emplace_back(path, json_shown(value));
  }
}

// A key that stands more than once (as in units of systemd) is numbered.
std::optional<Keys> ini_keys(std::string_view text) {
  Keys keys;
  std::map<std::string, int> counts;
  std::string section;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view raw = text.substr(at, end - at), line = agent::text::trimmed_view(raw);
    at = end + 1;
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
    } else if (raw[0] == ' ' || raw[0] == '\t') {
      if (keys.empty()) return std::nullopt;
      keys.back().second += " " + std::string(line);
    } else if (const auto equals = line.find_first_of("=:"); equals != std::string_view::npos && equals > 0) {
      const std::string key = (section.empty() ? "" : section + ".") + agent::text::trimmed(line.substr(0, equals));
      const int count = ++counts[key];
      keys.emplace_back(count == 1 ? key : key + "[" + std::to_string(count) + "]",
                        agent::text::trimmed_view(line.substr(equals + 1)));
    } else {
      return std::nullopt;
    }
  }
  return keys;
}

std::optional<Keys> keys_of(Format format, std::string_view text) {
  if (format == Format::ini) return ini_keys(text);
  try {
    const Value root = yaml::read(text, std::string("a file"), {.templates = false}).root;
    if (!root.is_map() && !root.is_list()) return std::nullopt;
    Keys keys;
    add_keys(root, "", keys);
    return keys;
  } catch (const Error&) {  // then it is shown as text
    return std::nullopt;
  }
}

std::string line(char sign, const std::string& key, const std::string& value) {
  return sign + shown(key) + ": " + shown(value) + "\n";
}

}  // namespace

std::optional<std::string> key_diff(const std::string& file, std::string_view before, std::string_view after) {
  const Format format = format_of(file);
  if (format == Format::none || before.size() > longest || after.size() > longest) return std::nullopt;
  const auto old_keys = keys_of(format, before), new_keys = keys_of(format, after);
  if (!old_keys || !new_keys) return std::nullopt;
  const std::map<std::string, std::string> was(old_keys->begin(), old_keys->end()),
      is(new_keys->begin(), new_keys->end());
  std::string out;
  for (const auto& [key, value] : *old_keys) {
    const auto now = is.find(key);
    if (now != is.end() && now->second == value) continue;
    out += line('-', key, value);
    if (now != is.end()) out += line('+', key, now->second);
  }
  for (const auto& [key, value] : *new_keys)
    if (!was.contains(key)) out += line('+', key, value);
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace agent::report
