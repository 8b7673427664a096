#include <algorithm>

#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

/// version.json since CUDA 11.1, version.txt before ("CUDA Version 11.0.228").
std::string version_of_toolkit(const Host& host, const Path& directory) {
  if (const auto text = text_of(host, directory / "version.json")) {
    try {
      const Value version = parse_json(*text, (directory / "version.json").string())["cuda"]["version"];
      if (version.is_string()) return version.string();
    } catch (const Error&) {  // a file that was cut off: the name of the directory still tells
    }
  }
  if (const auto text = text_of(host, directory / "version.txt"))
    if (const Strings words = text::words_of(*text); words.size() >= 3 && words[0] == "CUDA") return words[2];
  const std::string name = directory.filename().string();
  return name.starts_with("cuda-") ? name.substr(5) : "";
}

/// "auto" or "manual": the first line of what update-alternatives keeps.
Value mode_of_alternative(const Host& host) {
  for (const char* file : {"/var/lib/dpkg/alternatives/cuda", "/var/lib/alternatives/cuda"})
    if (const auto text = text_of(host, file)) return text::lines_of(*text).front();
  return {};
}

Value link_target(const Host& host, const Path& path) {
  const auto info = host.stat(path, false);
  return info && info->is_link() ? Value(info->target) : Value();
}

/// "#define CUDNN_MAJOR 9" -> 9
std::string defined(const std::string& header, const std::string& name) {
  for (const std::string& line : text::lines_of(header)) {
    const Strings words = text::words_of(line);
    if (words.size() >= 3 && words[0] == "#define" && words[1] == name) return words[2];
  }
  return "";
}

std::string version_in_header(const std::string& header) {
  const std::string major = defined(header, "CUDNN_MAJOR"), minor = defined(header, "CUDNN_MINOR"),
                    patch = defined(header, "CUDNN_PATCHLEVEL");
  return major.empty() || minor.empty() || patch.empty() ? "" : major + "." + minor + "." + patch;
}

Value program(const Host& host, const std::string& name) {
  for (const char* directory : {"/usr/bin", "/usr/local/bin", "/usr/sbin"})
    if (const Path path = Path(directory) / name; exists(host, path)) return path.string();
  return {};
}

Value runtimes_of_docker(const Host& host) {
  const auto text = text_of(host, "/etc/docker/daemon.json");
  if (!text) return Strings{};
  try {
    Strings names;
    const Value settings = parse_json(*text, "/etc/docker/daemon.json");
    if (settings["runtimes"].is_map())
      for (const auto& [name, runtime] : settings["runtimes"].map()) names.push_back(name);
    return names;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<Path> library_directories(const Host& host) {
  std::vector<Path> found;
  for (const char* directory :
       {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib"})
    if (exists(host, directory)) found.emplace_back(directory);
  return found;
}

std::string version_of_library(const std::string& file, const std::string& stem) {
  if (!file.starts_with(stem)) return "";
  const std::string version = file.substr(stem.size());
  const bool is_number = version.find_first_not_of("0123456789.") == std::string::npos;
  return is_number && version.find('.') != std::string::npos ? version : "";
}

Map cuda_installations(const Host& host) {
  List installed;
  for (const std::string& name : host.list("/usr/local")) {
    const Path path = Path("/usr/local") / name;
    const auto info = host.stat(path, false);
    if (!name.starts_with("cuda-") || !info || !info->is_directory()) continue;
    const bool has_compiler = exists(host, path / "bin/nvcc");
    if (!has_compiler && !exists(host, path / "version.json") && !exists(host, path / "lib64") &&
        !exists(host, path / "targets"))
      continue;  // cuda-12 is a link's directory, cuda-keyring a leftover
    installed.emplace_back(
        Map{{"path", path.string()}, {"version", version_of_toolkit(host, path)}, {"nvcc", has_compiler}});
  }
  return {{"installed", installed},
          {"link", link_target(host, "/usr/local/cuda")},
          {"alternative", link_target(host, "/etc/alternatives/cuda")},
          {"alternative_mode", mode_of_alternative(host)}};
}

Map cudnn_installation(const Host& host) {
  Map found{{"version", Value()}, {"header", Value()}};
  for (const char* directory :
       {"/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/include/aarch64-linux-gnu", "/usr/local/cuda/include"}) {
    for (const char* name : {"cudnn_version.h", "cudnn.h"}) {
      const Path path = Path(directory) / name;
      const std::string version = version_in_header(text_of(host, path).value_or(""));
      if (version.empty()) continue;
      found.set("version", version);
      found.set("header", path.string());
      break;
    }
    if (!found.find("version")->is_null()) break;
  }
  Strings libraries;
  auto directories = library_directories(host);
  directories.emplace_back("/usr/local/cuda/lib64");
  for (const Path& directory : directories)
    for (const std::string& file : host.list(directory))
      if (file.starts_with("libcudnn.so.")) libraries.push_back((directory / file).string());
  found.set("libraries", libraries);
  return found;
}

Map container_runtimes(const Host& host) {
  Map found;
  for (const char* name : {"docker", "dockerd", "podman", "containerd", "nvidia-ctk", "nvidia-container-runtime"})
    found.set(name, program(host, name));
  found.set("docker_runtimes", runtimes_of_docker(host));
  Strings specs;
  for (const char* directory : {"/etc/cdi", "/var/run/cdi"})
    for (const std::string& file : host.list(directory)) specs.push_back((Path(directory) / file).string());
  found.set("cdi", specs);
  return found;
}

}  // namespace agent::facts
