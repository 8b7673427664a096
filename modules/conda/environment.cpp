#include "environment.hpp"

#include <algorithm>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/python.hpp>
#include <agent/sdk/text.hpp>

namespace agent::conda {

namespace {

constexpr const char* predicted_build = "predicted_by_check";

/// "numpy-base-1.26.4-py311h_0.json": name, version and build, from the right.
std::optional<Record> record_of(const std::string& file) {
  if (!file.ends_with(".json")) return std::nullopt;
  const std::string stem = file.substr(0, file.size() - 5);
  const auto build = stem.rfind('-');
  const auto version = build == std::string::npos || build == 0 ? build : stem.rfind('-', build - 1);
  if (version == std::string::npos || version == 0) return std::nullopt;
  Record record{.name = stem.substr(0, version),
                .version = stem.substr(version + 1, build - version - 1),
                .build = stem.substr(build + 1),
                .channel = {}};
  record.predicted = record.build == predicted_build;
  return record;
}

/// A scalar without its quotes and without the remark behind it.
std::string scalar(std::string text) {
  text = text::trimmed(std::move(text));
  if (text.size() > 1 && (text[0] == '"' || text[0] == '\'')) {
    const auto end = text.find(text[0], 1);
    return text.substr(1, end == std::string::npos ? end : end - 1);
  }
  if (const auto remark = text.find(" #"); remark != std::string::npos) text = text::trimmed(text.substr(0, remark));
  return text;
}

/// "[a, b]" -> a, b.
Strings flow_list(const std::string& text) {
  Strings items;
  const std::string inside = text.substr(1, text.rfind(']') - 1);
  for (std::size_t begin = 0; begin <= inside.size();) {
    const auto end = std::min(inside.find(',', begin), inside.size());
    if (const std::string item = scalar(inside.substr(begin, end - begin)); !item.empty()) items.push_back(item);
    begin = end + 1;
  }
  return items;
}

}  // namespace

std::optional<CondaEnvironment> CondaEnvironment::in(const Host& host, const Path& prefix) {
  if (!host.stat(prefix / "conda-meta/history")) return std::nullopt;
  CondaEnvironment environment;
  environment.prefix_ = prefix;
  for (const auto& file : host.list(prefix / "conda-meta")) {
    const auto record = record_of(file);
    if (!record) continue;
    Record& kept = environment.records_[record->name];
    if (kept.name.empty() || kept.predicted || record->predicted) kept = *record;
  }
  return environment;
}

bool CondaEnvironment::satisfies(const MatchSpec& spec) const {
  const auto found = records_.find(spec.name);
  return found != records_.end() && (found->second.predicted || spec.takes(found->second.version, found->second.build));
}

std::optional<std::string> CondaEnvironment::version(const std::string& name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? std::nullopt : std::optional(found->second.version);
}

Strings CondaEnvironment::fights(const Host& host) const {
  Strings fights;
  if (!host.stat(prefix_ / "bin/python")) return fights;
  std::optional<PythonEnvironment> python;
  try {
    python = PythonEnvironment::of(host, (prefix_ / "bin/python").string());
  } catch (const Unknown&) {  // check mode only promised it: then nothing fights in there yet
  }
  if (!python) return fights;
  for (const auto& [name, package] : python->packages()) {
    const auto record = records_.find(name);
    if (record == records_.end() || record->second.predicted || package.version.empty()) continue;
    const std::string installer = text::trimmed(host.read(package.metadata / "INSTALLER").value_or(""));
    if (installer.starts_with("pip") && compare_versions(record->second.version, package.version) != 0)
      fights.push_back("pip and conda fight over " + name + ": conda's record says " + record->second.version +
                       ", pip put " + package.version + " there; install it with one of them only");
  }
  return fights;
}

std::pair<Path, std::string> predicted_record(const Path& prefix, const MatchSpec& spec) {
  const bool is_exact = spec.version.starts_with("==");
  const std::string version = is_exact ? spec.version.substr(2) : "0";
  return {prefix / "conda-meta" / (spec.name + "-" + version + "-" + predicted_build + ".json"),
          "{\"name\": \"" + spec.name + "\", \"version\": \"" + version + "\"}\n"};
}

EnvironmentFile read_environment_file(const std::string& text, const std::string& name) {
  EnvironmentFile file;
  std::string key;
  std::size_t pip_indent = 0, number = 0;
  const auto refuse = [&](const std::string& line) {
    return Error("line " + std::to_string(number) + " of '" + name + "' is not understood: " + text::trimmed(line))
        .about("file")
        .hint("an environment.yml has name, channels and dependencies; give the packages to the task itself otherwise");
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const std::string content = text::trimmed(line);
    if (content.empty() || content[0] == '#' || content == "---") continue;
    const auto indent = line.find_first_not_of(' ');
    if (content[0] != '-') {
      const auto colon = content.find(':');
      if (indent != 0 || colon == std::string::npos) throw refuse(line);
      key = content.substr(0, colon);
      pip_indent = 0;
      const std::string rest = text::trimmed(content.substr(colon + 1));
      if (key == "name") file.name = scalar(rest);
      if (rest.starts_with("[") && key == "channels") file.channels = flow_list(rest);
      if (rest.starts_with("[") && key == "dependencies") file.dependencies = flow_list(rest);
      continue;
    }
    const std::string item = scalar(content.substr(1));
    if (pip_indent > 0 && indent >= pip_indent) {
      file.pip.push_back(item);
    } else if (key == "channels") {
      file.channels.push_back(item);
    } else if (key == "dependencies" && item == "pip:") {
      pip_indent = indent + 1;
    } else if (key == "dependencies") {
      pip_indent = 0;
      file.dependencies.push_back(item);
    }
  }
  return file;
}

}  // namespace agent::conda
