#include <algorithm>
#include <fstream>

#include <sys/stat.h>

#include <agent/cli/configuration.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cli {
namespace {

bool others_may_write(const Path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0;
}

/// The variable's name: privilege escalation and defaults share one space of names.
std::string variable_of(const std::string& key) {
  if (key == "retries") return "ANSIBLE_SSH_RETRIES";
  std::string out = "ANSIBLE_" + key;
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

}  // namespace

Configuration Configuration::find(const Environment& environment, const Path& directory) {
  Configuration out;
  out.environment_ = environment;
  std::vector<Path> places;
  if (const auto named = environment.find("ANSIBLE_CONFIG"); named != environment.end() && !named->second.empty())
    places.push_back(std::filesystem::is_directory(named->second) ? Path(named->second) / "ansible.cfg"
                                                                  : Path(named->second));
  if (others_may_write(directory)) {
    if (std::filesystem::exists(directory / "ansible.cfg")) out.refused_ = directory / "ansible.cfg";
  } else {
    places.push_back(directory / "ansible.cfg");
  }
  if (const auto home = environment.find("HOME"); home != environment.end())
    places.push_back(Path(home->second) / ".ansible.cfg");
  places.emplace_back("/etc/ansible/ansible.cfg");
  for (const auto& place : places) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(place, error)) continue;
    if (others_may_write(place)) {
      out.refused_ = place;
      continue;
    }
    out.read(place);
    break;
  }
  return out;
}

void Configuration::read(const Path& file) {
  file_ = file;
  std::ifstream in(file);
  std::string line, section;
  while (std::getline(in, line)) {
    line = text::trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const auto equal = line.find_first_of("=:");
    if (equal == std::string::npos) continue;
    std::string value = text::trimmed(line.substr(equal + 1));
    if (const auto comment = value.find(" ;"); comment != std::string::npos)
      value = text::trimmed(value.substr(0, comment));
    settings_[section + "." + text::trimmed(line.substr(0, equal))] = value;
  }
}

std::optional<std::string> Configuration::text(const std::string& section, const std::string& key) const {
  if (const auto found = environment_.find(variable_of(key)); found != environment_.end() && !found->second.empty())
    return found->second;
  if (const auto found = settings_.find(section + "." + key); found != settings_.end()) return found->second;
  return std::nullopt;
}

std::optional<bool> Configuration::flag(const std::string& section, const std::string& key) const {
  auto value = text(section, key);
  if (!value) return std::nullopt;
  std::transform(value->begin(), value->end(), value->begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* yes : {"true", "yes", "on", "1", "t", "y"})
    if (*value == yes) return true;
  return false;
}

std::optional<long> Configuration::number(const std::string& section, const std::string& key) const {
  const auto value = text(section, key);
  if (!value) return std::nullopt;
  char* end = nullptr;
  const long number = std::strtol(value->c_str(), &end, 10);
  return end != value->c_str() ? std::optional(number) : std::nullopt;
}

std::vector<Path> Configuration::paths(const std::string& section, const std::string& key) const {
  std::vector<Path> out;
  const std::string value = text(section, key).value_or("");
  const auto home = environment_.find("HOME");
  for (std::size_t at = 0; at < value.size();) {
    const auto end = std::min(value.find(':', at), value.size());
    std::string one = text::trimmed(value.substr(at, end - at));
    at = end + 1;
    if (one.empty()) continue;
    if (one[0] == '~' && home != environment_.end()) one = home->second + one.substr(1);
    Path path(one);
    out.push_back(path.is_absolute() || file_.empty() ? std::filesystem::absolute(path) : file_.parent_path() / path);
  }
  return out;
}

}  // namespace agent::cli
