#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <agent/fleet/orphans.hpp>
#include <agent/host/process_table.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

Strings words_of(const Path& folder) {
  std::ifstream file(folder / "cmdline", std::ios::binary);
  Strings words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

bool names(const Strings& words, const std::string& executable) {
  return std::find(words.begin(), words.end(), executable) != words.end();
}

/// The name of the process: a worker that was split off from its agent has that one's command line.
std::string name_of(const Path& folder) {
  std::ifstream file(folder / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

/// The worker itself, or the sudo before it.
bool is_worker(const Path& folder, const std::string& executable) {
  const Strings words = words_of(folder);
  const auto found = std::find(words.begin(), words.end(), executable);
  return found != words.end() &&
         ((found + 1 != words.end() && found[1] == "worker") || name_of(folder) == "agent worker");
}

}  // namespace

bool has_orphaned_worker(const Path& executable) {
  const std::string program = executable.string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (!is_worker(entry.path(), program)) continue;
    // One that is being led, by an agent or the sudo before it, is somebody else's business.
    if (!names(words_of("/proc/" + std::to_string(parent_of(std::atoi(name.c_str())))), program)) return true;
  }
  return false;
}

}  // namespace agent::fleet
