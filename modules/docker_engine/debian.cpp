#include "docker_engine.hpp"

namespace agent::docker_engine {

VendorRepository DebianDockerEngine::repository(const Want& want, const System& system) const {
  const std::string url = want.base_url + "/" + (system.id == "ubuntu" ? "ubuntu" : "debian");
  return {.id = "docker",
          .title = "Docker",
          .apt = url + " " + want.suite.value_or(system.codename) + " stable",
          .rpm = {},
          .key_url = want.key_url.value_or(url + "/gpg"),
          .fingerprint = want.key_fingerprint.value_or("9DC858229FC7DD38854AE2D88D81803C0EBFCD88"),
          .keyring = "/etc/apt/keyrings/docker.gpg",
          .old_files = {"/etc/apt/sources.list.d/docker.sources", "/etc/apt/sources.list.d/docker-ce.list",
                        "/etc/apt/sources.list.d/download_docker_com_linux_" + system.id + ".list"}};
}

Strings DebianDockerEngine::distribution_packages(const Want& want, const System& system) const {
  Strings names{"docker.io"};
  // Debian 13 took the client out of docker.io; Ubuntu's Compose 2 has a name of its own.
  if (system.id == "debian" && std::atoi(system.version.c_str()) >= 13) names.push_back("docker-cli");
  const bool has_v2 = system.id == "ubuntu" && system.version >= "22.04";
  if (want.compose) names.push_back(has_v2 ? "docker-compose-v2" : "docker-compose");
  return names;
}

Strings DebianDockerEngine::conflicting(const std::string& source) const {
  if (source == "docker")
    return {"docker.io", "docker-doc", "docker-compose", "docker-compose-v2", "podman-docker", "containerd", "runc"};
  return {"docker-ce",
          "docker-ce-cli",
          "containerd.io",
          "docker-buildx-plugin",
          "docker-compose-plugin",
          "docker-ce-rootless-extras",
          "podman-docker"};
}

}  // namespace agent::docker_engine
