#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <agent/resolver/tables.hpp>
#include <agent/sdk/pep440.hpp>

namespace agent::resolver {

/// "torch==2.4.*": what may be taken of one framework, or of a companion that goes by it.
struct Requirement {
  std::string text;       ///< as it was written
  std::string framework;  ///< "torch", "tensorflow" or "jax"
  std::string companion;  ///< "torchvision" or "torchaudio" when it speaks of that; else empty
  pep440::SpecifierSet allowed;
};

/// Which of the stacks that fit: the newest, one like what is installed, or the oldest.
enum class Prefer { newest, installed, oldest };

/// What is wanted, and what is there. Whatever is not said is free.
struct Request {
  std::vector<Requirement> requirements;
  Strings add_ons;                        ///< "cupy", "cudf", ...
  Strings gpus;                           ///< names, "10de:2484" or capabilities; {"none"}: for the CPU
  std::optional<std::string> driver;      ///< "550.54", or the branch "550"
  std::optional<std::string> distro;      ///< "ubuntu22.04", "bookworm"
  std::optional<std::string> python;      ///< "3.10", ">=3.9,<3.12"
  std::optional<std::string> cuda;        ///< "12.*", "12.4", ">=12.1"
  std::optional<std::string> own_python;  ///< of the machine: preferred, not required
  bool toolkit = false;                   ///< nvcc and the libraries are needed on the machine as well
  Prefer prefer = Prefer::newest;
  std::map<std::string, std::string> installed;  ///< framework -> version, for `Prefer::installed`
  std::map<std::string, std::string> said_by;    ///< "python" -> "the machine's facts"; else it is "asked for"
};

/// Adds "torch==2.4.*", "torchvision", "cupy", "cuda==12.4" to the request. Throws Error for a name that no table has
/// and for a version that makes no sense.
void add_requirement(Request& request, const std::string& text, const Tables& tables);

/// The versions that `text` allows: "12.*", "12" and "12.4" stand for all that begin so. Throws Error; `what` is how
/// the message calls it.
pep440::SpecifierSet versions_from(const std::string& text, const std::string& what);

}  // namespace agent::resolver
