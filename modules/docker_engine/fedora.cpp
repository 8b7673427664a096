#include "docker_engine.hpp"

namespace agent::docker_engine {

VendorRepository FedoraDockerEngine::repository(const Want& want, const System& system) const {
  const std::string url = want.base_url + "/" +
                          (system.id == "fedora" ? "fedora"
                           : system.id == "rhel" ? "rhel"
                                                 : "centos");
  return {.id = "docker-ce",
          .title = "Docker",
          .apt = {},
          .rpm = url + "/" + want.suite.value_or("$releasever") + "/$basearch/stable",
          .key_url = want.key_url.value_or(url + "/gpg"),
          .fingerprint = want.key_fingerprint.value_or("060A61C51B558A7F742B77AAC52FEB6B621E9F35"),
          .keyring = {}};
}

Strings FedoraDockerEngine::distribution_packages(const Want& want, const System&) const {
  Strings names{"moby-engine"};
  if (want.compose) names.push_back("docker-compose");
  return names;
}

Strings FedoraDockerEngine::conflicting(const std::string& source) const {
  if (source == "docker") return {"moby-engine", "docker-cli", "docker-compose", "podman-docker"};
  return {"docker-ce",    "docker-ce-cli", "containerd.io", "docker-buildx-plugin", "docker-compose-plugin",
          "podman-docker"};
}

}  // namespace agent::docker_engine
