#include <unistd.h>

#include <agent/host/login_session.hpp>
#include <agent/host/logind_conf.hpp>
#include <agent/host/look.hpp>
#include <agent/host/users.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

bool is_session(const std::string& part) {
  return part.starts_with("session-") && part.ends_with(".scope");
}

}  // namespace

// A hierarchy of systemd's own is the one it goes by; the common one (0) is, where there is no such.
std::string systemd_place(std::string_view cgroup) {
  std::string place;
  for (const std::string& line : text::lines_of(cgroup)) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string name = line.substr(first + 1, second - first - 1);
    if (name == "name=systemd") return line.substr(second + 1);
    if (name.empty()) place = line.substr(second + 1);
  }
  return place;
}

std::string session_at(std::string_view place) {
  for (const std::string& part : text::split(place, '/'))
    if (is_session(part)) return part;
  return "";
}

std::string slice_of_session_at(std::string_view place) {
  std::string before;
  for (const std::string& part : text::split(place, '/')) {
    if (is_session(part)) return before.ends_with(".slice") ? before : "";
    before = part;
  }
  return "";
}

std::string systemd_place_of(pid_t pid) {
  try {
    return systemd_place(read_file("/proc/" + std::to_string(pid) + "/cgroup").value_or(""));
  } catch (const Error&) {
    return "";  // gone meanwhile
  }
}

bool ends_with_login(const Path& root) {
  if (session_at(systemd_place_of(::getpid())).empty()) return false;
  const LogindConf conf = read_logind_conf(root);
  return conf.kills_processes && conf.ends_processes_of(current_user().name);
}

}  // namespace agent
