#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <dirent.h>

#include <agent/host/process_table.hpp>

namespace agent {
namespace {

std::string name_of_process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

std::optional<Process> process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');  // the name is free text
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  Process found;
  found.pid = pid;
  std::string state, group, skipped;
  fields >> state >> found.parent >> group >> found.session;
  for (int i = 7; i < 22; ++i) fields >> skipped;
  fields >> found.started;
  return found;
}

std::vector<Process> processes() {
  std::vector<Process> found;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return found;
  while (const dirent* entry = ::readdir(directory))
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])))
      if (auto one = process(static_cast<pid_t>(std::stol(entry->d_name)))) found.push_back(*one);
  ::closedir(directory);
  return found;
}

pid_t parent_of(pid_t pid) {
  const auto found = process(pid);
  return found ? found->parent : 0;
}

bool descends_from(pid_t pid, pid_t ancestor) {
  while (pid > 1 && pid != ancestor) pid = parent_of(pid);
  return pid == ancestor;
}

std::vector<pid_t> led_by(pid_t leader, const std::string& name) {
  std::map<pid_t, pid_t> parents;
  for (const Process& one : processes()) parents[one.pid] = one.parent;
  std::set<pid_t> found = {leader};
  for (const auto& [pid, parent] : parents) {
    // A child that was split off just now has not come to call itself anything.
    if (parent == leader) found.insert(pid);
    if (name_of_process(pid) != name) continue;
    std::vector<pid_t> way;
    // The table is no single moment's: a number that changed hands meanwhile could lead in a circle.
    for (auto at = parents.find(pid); at != parents.end() && way.size() < parents.size();) {
      way.push_back(at->first);
      if (at->second == leader) found.insert(way.begin(), way.end());
      at = at->second == leader ? parents.end() : parents.find(at->second);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace agent
