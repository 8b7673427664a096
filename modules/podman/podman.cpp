#include "podman.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/placed_file.hpp>
#include <agent/sdk/systemd_unit.hpp>
#include <agent/sdk/vendor_repository.hpp>

namespace agent::podman {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("podman", "Installs Podman from the distribution, and lets users run containers without root.")
          .description(
              "`users` get a range of subordinate user and group ids where they have none, which containers without "
              "root need. GPUs come through CDI: `nvidia_container_toolkit: {runtimes: [podman]}`, and then "
              "`podman run --device nvidia.com/gpu=all` (Podman 4.1 or newer; Debian 11 and Ubuntu 22.04 have an older "
              "one).")
          .optional("compose", &Want::compose, "install podman-compose too")
          .optional("docker", &Want::docker, "install the command `docker` that calls podman")
          .optional("registries", &Want::registries, "registries that a short name is looked for in, in this order")
          .optional("users", &Want::users, "users who run containers without root")
          .optional("socket", &Want::socket, "offer Docker's interface on a socket, for root")
          .optional("state", &Want::state, "present, or absent")
          .choices({"present", "absent"})
          .example("For alice, with names as on Docker Hub", "podman:\n  users: [alice]\n  registries: [docker.io]")
          .returns("packages", "list", "what is installed for it");
  return spec;
}

namespace {

constexpr const char* registries_file = "/etc/containers/registries.conf.d/10-agent.conf";
constexpr std::int64_t range = 65536;

bool is_installed(const std::string& name, const PackageDb& db) {
  const auto found = db.find(name);
  return std::any_of(found.begin(), found.end(), [](const auto& p) { return p.state != Package::State::config_files; });
}

Strings packages_of(const Want& want, const Host& host) {
  Strings names{"podman"};
  // Debian splits off what containers without root need; in Fedora podman brings it along.
  if (host.packages().manager() == "apt" && !want.users.empty()) names.insert(names.end(), {"uidmap", "slirp4netns"});
  if (want.compose) names.push_back("podman-compose");
  if (want.docker) names.push_back("podman-docker");
  return names;
}

void add_file(const Path& path, const std::string& content, const Host& host, Plan& plan) {
  const bool makes = plan_directories(path.parent_path(), {}, host, plan);
  Plan file = plan_file({.path = path,
                         .content = content,
                         .attributes = {.mode = "0644", .owner = {}, .group = {}},
                         .parent_is_planned = makes},
                        host);
  for (auto& step : file.steps) plan.steps.push_back(std::move(step));
}

std::string registries_text(const Strings& registries) {
  std::string names;
  for (const auto& registry : registries) {
    if (registry.empty() || registry.find_first_of(" \"\\\n/") != std::string::npos)
      throw Error("'" + registry + "' is no registry")
          .about("registries")
          .hint("docker.io, quay.io, registry.example.com:5000");
    names += (names.empty() ? "\"" : ", \"") + registry + "\"";
  }
  return "# Written by agent (podman).\nunqualified-search-registries = [" + names + "]\n";
}

}  // namespace

std::string with_range(const std::string& text, const std::string& user) {
  std::int64_t next = 100000;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with(user + ":")) return text;
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    next = std::max<std::int64_t>(next, std::atoll(line.c_str() + first + 1) + std::atoll(line.c_str() + second + 1));
  }
  return text + (text.empty() || text.ends_with("\n") ? "" : "\n") + user + ":" + std::to_string(next) + ":" +
         std::to_string(range) + "\n";
}

Plan Podman::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  const Strings names = packages_of(want, host);
  const PackageDb& db = host.packages();
  Plan plan;
  plan.result = {{"packages", names}};
  const SystemdUnit socket{"podman.socket", std::nullopt};
  if (want.state == "absent") {
    if (host.stat(registries_file))
      plan.steps.push_back({{{registries_file, "there", std::nullopt}}, {RemovePath{registries_file}}});
    Strings there;
    for (const char* name : {"podman-docker", "podman-compose", "podman"})
      if (is_installed(name, db)) there.push_back(name);
    if (!there.empty()) plan_vendor_packages(there, WantedPackages::State::absent, false, host, plan);
    return plan;
  }
  if (want.docker && (is_installed("docker-ce-cli", db) || is_installed("docker.io", db)))
    throw Error("podman's command 'docker' and Docker's own exclude each other")
        .about("docker")
        .hint("docker_engine: {state: absent}");
  plan_vendor_packages(names, WantedPackages::State::present, false, host, plan);
  if (!want.registries.empty()) add_file(registries_file, registries_text(want.registries), host, plan);
  for (const char* file : {"/etc/subuid", "/etc/subgid"}) {
    std::string text = host.read(file).value_or("");
    const std::string before = text;
    for (const auto& user : want.users) {
      if (!host.user(user)) throw Error("there is no user '" + user + "' on this machine").about("users");
      text = with_range(text, user);
    }
    if (text != before) add_file(file, text, host, plan);
  }
  if (want.socket) plan_service(socket, {.enabled = true, .running = true}, host, plan);
  return plan;
}

std::unique_ptr<Module> any() {
  return std::make_unique<Podman>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};
}

}  // namespace agent::podman

AGENT_MODULE(agent::podman::arguments, agent::podman::variants)
