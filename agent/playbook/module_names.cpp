#include <algorithm>
#include <array>
#include <utility>

#include <agent/playbook/module_names.hpp>

namespace agent {
namespace {

// Modules of these collections are known by their last name alone.
constexpr std::array<std::string_view, 12> collections = {
    "ansible.builtin",   "ansible.legacy",   "ansible.posix",     "ansible.utils",
    "ansible.netcommon", "community.crypto", "community.docker",  "community.general",
    "community.libvirt", "community.mysql",  "containers.podman", "community.postgresql"};

constexpr std::pair<std::string_view, std::string_view> aliases[] = {
    {"yum", "dnf"},
    {"dnf5", "dnf"},
    {"systemd_service", "systemd"},
    {"include", "include_tasks"},
    {"local_service_facts", "service_facts"},
    {"docker_compose_v2", "docker_compose"},
    {"gather_facts", "setup"},
};

// Those that have a name of their own elsewhere lose nothing: collections spell few modules alike.
template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string canonical_module(std::string_view name) {
  const std::size_t last = name.rfind('.');
  if (last != name.npos && among(collections, name.substr(0, last))) name.remove_prefix(last + 1);
  for (const auto& [alias, canonical] : aliases)
    if (alias == name) return std::string(canonical);
  return std::string(name);
}

bool takes_command_line(std::string_view canonical) {
  static constexpr std::array<std::string_view, 4> names = {"command", "shell", "raw", "script"};
  return among(names, canonical);
}

bool takes_words(std::string_view canonical) {
  static constexpr std::array<std::string_view, 8> names = {"include_tasks", "include_role", "include_vars",
                                                            "import_tasks",  "import_role",  "import_playbook",
                                                            "meta",          "set_fact"};
  return among(names, canonical);
}

}  // namespace agent
