#include "docker_engine.hpp"

#include <algorithm>

#include <agent/sdk/json_file.hpp>
#include <agent/sdk/systemd_unit.hpp>

namespace agent::docker_engine {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("docker_engine", "Installs Docker's engine, from Docker or from the distribution, and sets it up.")
          .description(
              "`source: docker` makes Docker's own repository known, with its key (of which the whole fingerprint is "
              "compared before anything trusts it), and takes away what the distribution calls by the same names: "
              "docker.io, containerd, runc, podman-docker. `source: distribution` installs docker.io or moby-engine "
              "and "
              "takes away Docker's. Images and containers in /var/lib/docker stay in every case.\n\n"
              "`daemon` is put into /etc/docker/daemon.json beside what is there (null takes a key out); a change "
              "restarts a running engine, and its containers with it unless `live-restore` is on.\n\n"
              "Members of the group docker can become root through it. A user who is logged in belongs to it after "
              "the next login.\n\n"
              "A real engine was set up, changed and removed with it on Debian 12, from the distribution's packages. "
              "Docker's own repository could not be reached where this was written: what comes from there, and "
              "Fedora's moby-engine, were tried with the real apt and dnf on signed repositories in its layout, whose "
              "packages carry the real names, versions and conflicts, and no content.")
          .optional("source", &Want::source, "whose packages")
          .choices({"docker", "distribution"})
          .optional("version", &Want::version, "version of docker-ce: 5:27.3.1* on Debian and Ubuntu, 27.3.1 on Fedora")
          .optional("compose", &Want::compose, "install docker compose too")
          .optional("daemon", &Want::daemon, "settings of the engine")
          .optional("users", &Want::users, "users who may use it without sudo")
          .optional("started", &Want::started, "the engine runs, also after a restart of the machine")
          .optional("base_url", &Want::base_url, "mirror of Docker's packages")
          .optional("suite", &Want::suite, "release to take them for, where a derivative has a name of its own")
          .optional("key_url", &Want::key_url,
                    "where the mirror's key is, if it is not Docker's place; or a path on the machine")
          .optional("key_fingerprint", &Want::key_fingerprint, "fingerprint of that key")
          .optional("state", &Want::state, "present, or absent")
          .choices({"present", "absent"})
          .example("Docker's own", "docker_engine:\n  users: [alice]\n  daemon:\n    log-opts: {max-size: 50m}")
          .example("The distribution's", "docker_engine:\n  source: distribution")
          .returns("packages", "list", "what it is made of here");
  return spec;
}

namespace {

constexpr const char* settings_file = "/etc/docker/daemon.json";

Strings installed(const Strings& names, const PackageDb& db) {
  Strings found;
  for (const auto& name : names)
    for (const auto& package : db.find(name))
      if (package.state != Package::State::config_files) {
        found.push_back(name);
        break;
      }
  return found;
}

void plan_members(const Strings& users, const Host& host, Plan& plan) {
  const auto group = host.group("docker");
  for (const auto& user : users) {
    if (group && std::find(group->members.begin(), group->members.end(), user) != group->members.end()) continue;
    if (!host.user(user)) throw Error("there is no user '" + user + "' on this machine").about("users");
    Exec exec{.argv = {"usermod", "--append", "--groups", "docker", "--", user}};
    exec.effects.complete = true;  // that /etc/group changes is of no use to a forecast, which would know less then
    plan.steps.push_back({{{"user " + user + " in group docker", "no", "yes"}}, {std::move(exec)}});
  }
}

}  // namespace

Plan DockerEngine::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  if (want.version && want.source != "docker")
    throw Error("'version' is about Docker's own packages").about("version").hint("source: docker");
  const VendorRepository repository = this->repository(want, host.system());
  Strings names = want.source == "docker"
                      ? Strings{"docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin"}
                      : distribution_packages(want, host.system());
  if (want.source == "docker" && want.compose) names.push_back("docker-compose-plugin");
  Plan plan;
  plan.result = {{"packages", names}};
  const SystemdUnit service{"docker.service", std::nullopt};
  if (want.state == "absent") {
    if (service.is_running(host)) plan_service(service, {.running = false}, host, plan);
    plan_vendor_packages(installed(names, host.packages()), WantedPackages::State::absent, false, host, plan);
    if (want.source == "docker") plan_no_repository(repository, host, plan);
    if (host.stat("/var/lib/docker")) plan.notes.push_back("/var/lib/docker stays, with its images and volumes");
    return plan;
  }
  if (const Strings others = installed(conflicting(want.source), host.packages()); !others.empty())
    plan_vendor_packages(others, WantedPackages::State::absent, false, host, plan);
  const bool is_new = want.source == "docker" && plan_repository(repository, host, plan);
  Strings requests = names;
  for (auto& name : requests)
    if (want.version && name.starts_with("docker-ce")) name += "=" + *want.version;
  const bool settings_change = !want.daemon.empty() && plan_json_file(settings_file, want.daemon, host, plan);
  plan_vendor_packages(requests, WantedPackages::State::present, is_new, host, plan);
  plan_members(want.users, host, plan);
  if (want.started) plan_service(service, {.enabled = true, .running = true, .restart = settings_change}, host, plan);
  return plan;
}

namespace {
constexpr Variant variants[] = {{"debian", variant<DebianDockerEngine>}, {"ubuntu", variant<DebianDockerEngine>},
                                {"fedora", variant<FedoraDockerEngine>}, {"rhel", variant<FedoraDockerEngine>},
                                {"centos", variant<FedoraDockerEngine>}, {"rocky", variant<FedoraDockerEngine>}};
}

}  // namespace agent::docker_engine

AGENT_MODULE(agent::docker_engine::arguments, agent::docker_engine::variants)
