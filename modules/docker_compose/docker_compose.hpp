#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/module.hpp>

namespace agent::docker_compose {

struct Want {
  Path project;
  Strings files;
  std::optional<std::string> name, content;
  Environment env;
  Map gpus;
  Strings profiles;
  std::string state = "present";
  bool build = false;
  std::string pull;
  bool remove_orphans = false;
  bool remove_volumes = false;
  std::int64_t timeout = 600;
};

const SpecOf<Want>& arguments();

/// A project of Docker Compose's: its files, and its containers as the engine's own records show them.
class DockerCompose : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// One container of a project, from the engine's directory.
struct Container {
  std::string service, configuration;  ///< the hash that Compose labels it with
  bool is_running = false;
  Path folder;
};
/// The containers of the project; looked up in the engine's files, because check mode cannot reach its socket.
std::vector<Container> containers_of(const std::string& project, const Host& host);

/// The name that Compose gives to a project of this directory.
std::string project_name(const std::string& directory);

/// "web 1234..." lines, as `config --hash` prints them.
std::vector<std::pair<std::string, std::string>> read_hashes(const std::string& text);

/// What reserves GPUs for services: "all", a number, or ids. Throws Error for anything else.
Map gpu_override(const Map& gpus);

std::unique_ptr<Module> any();

}  // namespace agent::docker_compose
