#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <agent/host/logind_conf.hpp>
#include <agent/host/look.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

// In the order in which one hides the other.
constexpr std::array folders = {"etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd",
                                "lib/systemd"};

std::optional<bool> truth_of(const std::string& value) {
  static const Strings yes = {"1", "yes", "y", "true", "t", "on"}, no = {"0", "no", "n", "false", "f", "off"};
  const std::string word = text::lower(value);
  if (std::find(yes.begin(), yes.end(), word) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), word) != no.end()) return false;
  return std::nullopt;
}

// An empty value forgets what was listed so far, and any other is added to it.
void add_names(Strings& names, const std::string& value) {
  if (value.empty()) names.clear();
  for (std::string name : text::words_of(value)) {
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    names.push_back(std::move(name));
  }
}

// Lines without comments, those that end in a backslash joined with the next.
Strings statements_of(const std::string& text) {
  Strings statements;
  bool goes_on = false;
  for (const std::string& whole : text::lines_of(text)) {
    std::string line = text::trimmed(whole);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    const bool is_continued = line.ends_with('\\');
    if (is_continued) line.back() = ' ';
    if (goes_on)
      statements.back() += line;
    else
      statements.push_back(std::move(line));
    goes_on = is_continued;
  }
  return statements;
}

// What may not be read, or is a link to /dev/null, says nothing, and hides its namesakes all the same.
std::optional<std::string> text_of(const Path& file) {
  try {
    return read_file(file);
  } catch (const Error&) {
    return "";
  }
}

Strings names_in(const Path& folder) {
  try {
    return list_directory(folder);
  } catch (const Error&) {
    return {};
  }
}

bool names(const Strings& list, const std::string& user) {
  return std::find(list.begin(), list.end(), user) != list.end();
}

}  // namespace

bool LogindConf::ends_processes_of(const std::string& user) const {
  return kills_processes && !names(except, user) && (only.empty() || names(only, user));
}

void apply_logind_conf(LogindConf& conf, const std::string& text) {
  bool is_ours = false;
  for (const std::string& statement : statements_of(text)) {
    if (statement.starts_with('[')) is_ours = statement == "[Login]";
    const auto sign = statement.find('=');
    if (!is_ours || sign == std::string::npos) continue;
    const std::string key = text::trimmed(statement.substr(0, sign));
    const std::string value = text::trimmed(statement.substr(sign + 1));
    if (key == "KillUserProcesses") conf.kills_processes = truth_of(value).value_or(conf.kills_processes);
    if (key == "KillOnlyUsers") add_names(conf.only, value);
    if (key == "KillExcludeUsers") add_names(conf.except, value);
  }
}

LogindConf read_logind_conf(const Path& root) {
  LogindConf conf;
  for (const char* folder : folders)
    if (const auto text = text_of(root / folder / "logind.conf")) {
      apply_logind_conf(conf, *text);
      break;
    }
  std::map<std::string, Path> drop_ins;
  for (const char* folder : folders)
    for (const std::string& name : names_in(root / folder / "logind.conf.d"))
      if (name.ends_with(".conf")) drop_ins.emplace(name, root / folder / "logind.conf.d" / name);
  for (const auto& [name, file] : drop_ins) apply_logind_conf(conf, text_of(file).value_or(""));
  return conf;
}

}  // namespace agent
