#include <unistd.h>

#include <agent/cli/history_file.hpp>

namespace agent::cli {
namespace {

std::optional<Path> absolute(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  if (found == environment.end() || !found->second.starts_with('/')) return std::nullopt;
  return Path(found->second);
}

}  // namespace

std::optional<Path> history_file(const Environment& environment) {
  const Path inside = "agent/history.db";
  if (const auto state = absolute(environment, "XDG_STATE_HOME")) return *state / inside;
  if (::geteuid() == 0) return "/var/lib" / inside;
  if (const auto home = absolute(environment, "HOME")) return *home / ".local/state" / inside;
  return std::nullopt;
}

}  // namespace agent::cli
