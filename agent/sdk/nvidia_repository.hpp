#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <agent/sdk/host.hpp>

namespace agent {

/// One of NVIDIA's network repositories of CUDA, as `share/agent/compat/distro_cuda.yml` knows it. What it carries
/// ages; its name, place and key do not.
struct NvidiaRepository {
  std::string_view name;         ///< "ubuntu2204"
  std::string_view manager;      ///< "apt" or "dnf"
  std::string_view ids;          ///< os-release IDs that it serves, blanks between them
  std::string_view version;      ///< VERSION_ID; of rhel only its first number
  std::string_view key;          ///< the name of the key's file without ".pub": the last digits of its fingerprint
  std::string_view fingerprint;  ///< of the signing key, 40 digits; empty: only its last eight are known
  std::string_view first, last;  ///< series of CUDA with a toolkit in it; empty: there is none
  bool has_arm = false;          ///< a directory "sbsa" for ARM servers

  /// "22.04" for people: "Ubuntu 22.04".
  std::string title() const;
};

/// All that are known, oldest release first within a distribution.
std::span<const NvidiaRepository> nvidia_repositories();

/// The repository made for exactly this distribution and release; null where NVIDIA has none.
const NvidiaRepository* nvidia_repository_for(const System& system);
const NvidiaRepository* nvidia_repository_named(std::string_view name);

/// Where it has the packages for this architecture: "x86_64", "sbsa"; nothing when it has none.
std::optional<std::string> nvidia_directory(const NvidiaRepository& repository, const std::string& architecture);

/// Fingerprints of every key that NVIDIA signed these repositories with, the withdrawn one included.
Strings nvidia_fingerprints();
/// The key that NVIDIA withdrew on 2022-04-27 and older guides still import.
inline constexpr std::string_view nvidia_withdrawn_key = "AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80";

inline constexpr std::string_view nvidia_repository_base = "https://developer.download.nvidia.com/compute/cuda/repos";

/// Whether the address is one of NVIDIA's CUDA or (retired) machine-learning repositories, or a local one that its
/// "local installer" packages leave below /var.
bool is_nvidia_address(std::string_view address);

}  // namespace agent
