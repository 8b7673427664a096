#include <algorithm>

#include <agent/sdk/nvidia_repository.hpp>

namespace agent {

namespace {

constexpr std::string_view deb_key = "EB693B3035CD5710E231E123A4B469963BF863CC";
constexpr std::string_view rpm_key = "610C7B14E068A878070DA4E99CD0A493D42D0685";
constexpr std::string_view rhel_ids = "rhel centos rocky almalinux ol";

// share/agent/compat/distro_cuda.yml says where each row is from. The key of fedora44: NVIDIA/cuda-repo-management
// issue 49; of rhel10 and fedora43 no source names more than the last eight digits.
constexpr NvidiaRepository repositories[] = {
    {"ubuntu1804", "apt", "ubuntu", "18.04", "3bf863cc", deb_key, "10.0", "12.1", true},
    {"ubuntu2004", "apt", "ubuntu", "20.04", "3bf863cc", deb_key, "11.0", "12.9", true},
    {"ubuntu2204", "apt", "ubuntu", "22.04", "3bf863cc", deb_key, "11.7", "13.3", true},
    {"ubuntu2404", "apt", "ubuntu", "24.04", "3bf863cc", deb_key, "12.5", "13.4", true},
    {"ubuntu2604", "apt", "ubuntu", "26.04", "60DF8A40", "14BAFBC7562AD710CA04E69905FBB6DA60DF8A40", "13.3", "13.4",
     true},
    {"debian10", "apt", "debian", "10", "3bf863cc", deb_key, "11.1", "12.4", false},
    {"debian11", "apt", "debian", "11", "3bf863cc", deb_key, "11.5", "12.6", false},
    {"debian12", "apt", "debian", "12", "3bf863cc", deb_key, "12.3", "13.1", false},
    {"debian13", "apt", "debian", "13", "8793F200", "02182E60104FCDC26EAE1B8597A5D4CB8793F200", "13.0", "13.3", false},
    {"fedora39", "dnf", "fedora", "39", "D42D0685", rpm_key, "12.4", "12.6", false},
    {"fedora40", "dnf", "fedora", "40", "D42D0685", rpm_key, "", "", false},
    {"fedora41", "dnf", "fedora", "41", "D42D0685", rpm_key, "12.8", "12.9", false},
    {"fedora42", "dnf", "fedora", "42", "D42D0685", rpm_key, "13.0", "13.1", false},
    {"fedora43", "dnf", "fedora", "43", "1940C73E", "", "13.2", "13.2", false},
    {"fedora44", "dnf", "fedora", "44", "73CD9B30", "129994480EC63D2789BC98E490DFED2F73CD9B30", "13.3", "13.4", false},
    {"rhel8", "dnf", rhel_ids, "8", "D42D0685", rpm_key, "11.0", "13.3", true},
    {"rhel9", "dnf", rhel_ids, "9", "D42D0685", rpm_key, "11.7", "13.3", true},
    {"rhel10", "dnf", rhel_ids, "10", "CDF6BA43", "", "13.0", "13.4", true},
    {"wsl-ubuntu", "apt", "", "", "3bf863cc", deb_key, "11.0", "13.3", false},
};

bool holds_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(words.size(), end + 1));
  }
  return false;
}

bool serves(const NvidiaRepository& repository, const System& system) {
  if (!holds_word(repository.ids, system.id)) return false;
  const bool by_major = repository.ids == rhel_ids;
  return repository.version == (by_major ? system.version.substr(0, system.version.find('.')) : system.version);
}

}  // namespace

std::string NvidiaRepository::title() const {
  const std::string_view id = ids.substr(0, ids.find(' '));
  if (id.empty()) return std::string(name);
  std::string text = id == "rhel" ? "RHEL" : std::string(id);
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + " " + std::string(version);
}

std::span<const NvidiaRepository> nvidia_repositories() {
  return repositories;
}

const NvidiaRepository* nvidia_repository_for(const System& system) {
  for (const NvidiaRepository& repository : repositories)
    if (serves(repository, system)) return &repository;
  return nullptr;
}

const NvidiaRepository* nvidia_repository_named(std::string_view name) {
  for (const NvidiaRepository& repository : repositories)
    if (repository.name == name) return &repository;
  return nullptr;
}

std::optional<std::string> nvidia_directory(const NvidiaRepository& repository, const std::string& architecture) {
  if (architecture == "x86_64" || architecture == "amd64") return "x86_64";
  if ((architecture == "aarch64" || architecture == "arm64") && repository.has_arm) return "sbsa";
  return std::nullopt;
}

Strings nvidia_fingerprints() {
  Strings fingerprints = {std::string(nvidia_withdrawn_key)};
  for (const NvidiaRepository& repository : repositories)
    if (!repository.fingerprint.empty() &&
        std::find(fingerprints.begin(), fingerprints.end(), repository.fingerprint) == fingerprints.end())
      fingerprints.emplace_back(repository.fingerprint);
  return fingerprints;
}

bool is_nvidia_address(std::string_view address) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (address.starts_with(scheme)) {
      address.remove_prefix(scheme.size());
      for (const std::string_view host : {"developer.download.nvidia.com/", "developer.download.nvidia.cn/"})
        if (address.starts_with(host)) {
          address.remove_prefix(host.size());
          return address.starts_with("compute/cuda/repos/") || address.starts_with("compute/machine-learning/repos/");
        }
      return false;
    }
  return address.starts_with("file:///var/cuda-repo-") || address.starts_with("file:/var/cuda-repo-");
}

}  // namespace agent
