#include <algorithm>
#include <array>

#include <unistd.h>

#include <agent/inventory/names.hpp>
#include <agent/inventory/sources.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

namespace fs = std::filesystem;

enum class Format { ini, yaml, script };

/// Executable, and something that the system can start.
bool is_script(const Path& file, std::string_view text) {
  const std::string_view start = text.substr(0, 4);
  return access(file.c_str(), X_OK) == 0 && (start.substr(0, 2) == "#!" || start ==
                                                                               "\x7F"
                                                                               "ELF");
}

std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] == '#' || line[first] == ';') continue;
    line = line.substr(first);
    return line.substr(0, line.find_last_not_of(" \t\r") + 1);
  }
  return {};
}

Format format_of(const Path& file, std::string_view text) {
  if (is_script(file, text)) return Format::script;
  const std::string extension = file.extension().string();
  if (extension == ".yml" || extension == ".yaml" || extension == ".json") return Format::yaml;
  if (extension == ".ini" || extension == ".cfg") return Format::ini;
  // Other names say nothing: the first line does.
  std::string_view line = first_line(text);
  if (line.empty() || line.front() == '[') return Format::ini;
  if (line.front() == '{' || line.substr(0, 3) == "---") return Format::yaml;
  if (const std::size_t comment = line.find(" #"); comment != line.npos) line = line.substr(0, comment);
  const std::size_t last = line.find_last_not_of(" \t");
  return last != line.npos && line[last] == ':' ? Format::yaml : Format::ini;
}

void read_file(Reading& reading) {
  const std::string text = yaml::load(reading.source);
  if (reading.source.size() > 5 && reading.source.substr(reading.source.size() - 5) == ".toml")
    throw Error("'" + reading.source + "' is TOML, which is not supported").hint("write the inventory as INI or YAML");
  switch (format_of(reading.source, text)) {
    case Format::ini:
      return read_ini(text, reading);
    case Format::yaml:
      return read_yaml(text, reading);
    case Format::script:
      return read_script(reading);
  }
}

/// Editors' and tools' leavings, and what only lies beside an inventory.
bool is_ignored(const std::string& name) {
  static constexpr std::array<std::string_view, 10> endings = {"~",      ".orig", ".bak", ".ini", ".cfg",
                                                               ".retry", ".pyc",  ".pyo", ".swp", ".rpm"};
  static constexpr std::array<std::string_view, 5> beside = {"group_vars", "host_vars", "vars_plugins", "README.md",
                                                             "LICENSE"};
  if (name.front() == '.' || std::find(beside.begin(), beside.end(), name) != beside.end()) return true;
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return name.size() >= ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
  });
}

void read_directory(Reading& reading, int depth) {
  Strings names;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(reading.source, failure)) names.push_back(entry.path().filename());
  if (failure) throw Error("cannot read '" + reading.source + "': " + failure.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (is_ignored(name)) continue;
    Reading inner{reading.graph, reading.warnings, reading.options, (Path(reading.source) / name).string()};
    if (!fs::is_directory(inner.source, failure))
      read_file(inner);
    else if (depth < 16)
      read_directory(inner, depth + 1);
  }
}

void read_names(Reading& reading) {
  const std::string& text = reading.source;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    std::string name = text.substr(start, comma - start);
    start = comma + 1;
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    if (name.empty()) continue;
    const HostPattern pattern = expand_hosts(name, {});
    for (const std::string& host : pattern.names) {
      const Graph::Index index = reading.graph.add_host(host, text, {});
      reading.graph.join(Graph::ungrouped, index);
      if (pattern.port) reading.graph.set_host_variable(index, "ansible_port", *pattern.port);
    }
  }
}

}  // namespace

void read_source(Reading& reading) {
  std::error_code failure;
  const bool exists = fs::exists(reading.source, failure);
  if (!exists && reading.source.find(',') != std::string::npos) return read_names(reading);
  if (!exists) {
    reading.warnings.push_back(
        Error("there is no inventory '" + reading.source + "'").hint("a list of hosts needs a comma: 'host1,'"));
    return;
  }
  if (fs::is_directory(reading.source, failure))
    read_directory(reading, 0);
  else
    read_file(reading);
}

}  // namespace agent::inventory
