#include <algorithm>
#include <cctype>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/json_file.hpp>

#include "docker_compose.hpp"

namespace agent::docker_compose {

std::vector<Container> containers_of(const std::string& project, const Host& host) {
  const Value settings(read_json_file("/etc/docker/daemon.json", host));
  const Path root = settings["data-root"].is_string() ? Path(settings["data-root"].string()) : Path("/var/lib/docker");
  std::vector<Container> found;
  for (const auto& id : host.list(root / "containers")) {
    const auto text = host.read(root / "containers" / id / "config.v2.json");
    if (!text) continue;
    const Value container = parse_json(*text, id);
    const Value& labels = container["Config"]["Labels"];
    if (labels["com.docker.compose.project"] != Value(project) || labels["com.docker.compose.oneoff"] == Value("True"))
      continue;
    const auto label = [&](const char* key) { return labels[key].is_string() ? labels[key].string() : ""; };
    found.push_back({.service = label("com.docker.compose.service"),
                     .configuration = label("com.docker.compose.config-hash"),
                     .is_running = container["State"]["Running"] == Value(true),
                     .folder = root / "containers" / id});
  }
  return found;
}

std::string project_name(const std::string& directory) {
  std::string name;
  for (const char c : directory) {
    const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') ||
        ((small == '_' || small == '-') && !name.empty()))
      name += small;
  }
  return name;
}

std::vector<std::pair<std::string, std::string>> read_hashes(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> hashes;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const auto blank = line.find(' ');
    if (blank == std::string::npos || blank == 0) continue;
    const std::string hash = line.substr(line.find_first_not_of(' ', blank));
    if (hash.find_first_not_of("0123456789abcdef") == std::string::npos)
      hashes.emplace_back(line.substr(0, blank), hash);
  }
  return hashes;
}

Map gpu_override(const Map& gpus) {
  Map services;
  for (const auto& [service, wanted] : gpus) {
    Map device{{"driver", "nvidia"}};
    if (wanted.is_list())
      device.set("device_ids", wanted);
    else if (wanted.is_integer() || (wanted.is_string() && wanted.string() == "all"))
      device.set("count", wanted);
    else
      throw Error("'" + service + "' has GPUs '" + wanted.json() + "': all, a number, or a list of ids is expected")
          .about("gpus");
    device.set("capabilities", List{"gpu"});
    services.set(service, Map{{"deploy", Map{{"resources", Map{{"reservations", Map{{"devices", List{device}}}}}}}}});
  }
  return {{"services", services}};
}

}  // namespace agent::docker_compose
