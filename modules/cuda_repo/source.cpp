#include <algorithm>

#include "cuda_repo.hpp"

namespace agent::cuda_repo {

namespace {

// "ubuntu 18.04, 20.04; debian 10, 11": what there is, in one line.
std::string existing(std::string_view manager) {
  std::string text, id;
  for (const NvidiaRepository& repository : nvidia_repositories()) {
    if (repository.manager != manager || repository.ids.empty()) continue;
    const std::string next(repository.ids.substr(0, repository.ids.find(' ')));
    text += next == id ? ", " : (text.empty() ? "" : "; ") + next + " ";
    text += repository.version;
    id = next;
  }
  return text;
}

const NvidiaRepository& chosen(const Want& want, const System& system, std::string_view manager) {
  const NvidiaRepository* repository =
      want.repo.empty() ? nvidia_repository_for(system) : nvidia_repository_named(want.repo);
  if (!repository && !want.repo.empty()) {
    Strings names;
    for (const NvidiaRepository& known : nvidia_repositories()) names.emplace_back(known.name);
    Error error("NVIDIA has no repository '" + want.repo + "'");
    if (const auto meant = did_you_mean(want.repo, names)) error.hint(*meant);
    throw std::move(error).about("repo");
  }
  if (!repository)
    throw Error("NVIDIA has no CUDA repository for " + (system.name.empty() ? system.id : system.name))
        .hint("there is one for: " + existing(manager))
        .hint(
            "packages of another release may break this one; conda, a container or the CUDA wheels of pip need no "
            "repository");
  if (repository->manager != manager)
    throw Error("the repository '" + std::string(repository->name) + "' is for " + std::string(repository->manager) +
                ", and this machine has " + std::string(manager))
        .about("repo");
  return *repository;
}

std::string fingerprint_for(const Want& want, const NvidiaRepository& repository) {
  if (!want.key_fingerprint.empty()) return full_fingerprint(want.key_fingerprint, "key_fingerprint");
  if (!repository.fingerprint.empty()) return std::string(repository.fingerprint);
  throw Error("the full fingerprint of the key of '" + std::string(repository.name) +
              "' is not known, only that it ends in " + std::string(repository.key))
      .hint("give it as key_fingerprint, from a source that you trust; `gpg --show-keys` shows that of a file")
      .about("key_fingerprint");
}

std::string checked_url(const std::string& url) {
  const bool known = url.starts_with("https://") || url.starts_with("http://") || url.starts_with("file:///");
  const bool clean =
      std::none_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == '"' || c == ']'; });
  if (!known || !clean)
    throw Error("'" + url + "' is no address of a mirror")
        .hint("write https://host/path, up to the folder that holds the repositories")
        .about("base_url");
  return url.substr(0, url.find_last_not_of('/') + 1);
}

}  // namespace

Source source_of(const Want& want, const System& system, std::string_view manager) {
  Source source;
  source.repository = &chosen(want, system, manager);
  const std::string name(source.repository->name);
  const auto directory = nvidia_directory(*source.repository, system.architecture);
  if (!directory)
    throw Error("NVIDIA's repository '" + name + "' has no packages for " + system.architecture)
        .hint(source.repository->has_arm ? "it has them for x86_64 and for ARM servers (aarch64)"
                                         : "it has them for x86_64 only");
  source.url = checked_url(want.base_url) + "/" + name + "/" + *directory;
  source.id = "cuda-" + name + "-" + *directory;
  if (want.state == "absent") return source;
  source.fingerprint = fingerprint_for(want, *source.repository);
  source.key = want.key;
  return source;
}

Strings driver_packages(std::string_view manager) {
  if (manager == "apt")
    return {"cuda-drivers*",
            "nvidia-driver*",
            "nvidia-open*",
            "nvidia-dkms*",
            "nvidia-kernel-*",
            "nvidia-headless*",
            "nvidia-settings",
            "nvidia-modprobe",
            "nvidia-xconfig",
            "nvidia-persistenced",
            "nvidia-firmware*",
            "nvidia-smi",
            "nvidia-alternative",
            "libnvidia-*",
            "libcuda1",
            "libxnvctrl*",
            "xserver-xorg-video-nvidia*"};
  return {"cuda-drivers*",    "nvidia-driver*",     "nvidia-open*",    "nvidia-modprobe*", "nvidia-persistenced*",
          "nvidia-settings*", "nvidia-libXNVCtrl*", "nvidia-xconfig*", "kmod-nvidia*",     "nvidia-kmod*"};
}

}  // namespace agent::cuda_repo
