#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/resolver/request.hpp>
#include <agent/resolver/tables.hpp>

namespace agent::resolver {

/// How a build runs on a GPU: not at all, after the driver has compiled its PTX, or from machine code. `assumed`: the
/// table does not have the list, and the CUDA it was built with can make code for the GPU.
enum class Runs { no, compiled, assumed, directly };

/// One thing that pip can install: a release of a framework, built for one CUDA or for the CPU.
struct Build {
  std::string framework;
  pep440::Version version;
  std::string label;        ///< "cu121", "cpu"; empty where the package carries none
  bool is_on_pypi = false;  ///< also there without its label
  Dotted python_min, python_max;
  std::optional<Dotted> cuda;  ///< none: for the CPU
  std::string cudnn;           ///< inside the wheel, or needed on the machine; empty: not known
  bool needs_toolkit = false;  ///< CUDA and cuDNN must be on the machine
  std::optional<Dotted> glibc_min;
  std::optional<std::vector<CodeFor>> code;
  std::optional<Capability> capability_min;            ///< for builds that make their code on the machine (JAX)
  Strings packages;                                    ///< for pip: "torch==2.4.1+cu121", "torchvision==0.19.1+cu121"
  std::string index_url, extra_index_url, find_links;  ///< empty: as pip is configured
  std::string numpy;                                   ///< "<2"; empty: nothing is known
  std::string torchvision, torchaudio;
  Origin origin, wheel_origin;

  std::string name() const { return framework + " " + version.text() + (label.empty() ? "" : "+" + label); }
  Runs runs_on(Capability capability, const Tables& tables) const;
};

/// All builds of a framework, newest version first and newest CUDA first within one; those for the CPU alone where
/// `for_cpu`.
std::vector<Build> builds_of(const std::string& framework, const Tables& tables,
                             const std::vector<Requirement>& requirements, bool for_cpu);

/// Whether the build is one of those that the requirement allows.
bool allows(const Requirement& requirement, const Build& build);

}  // namespace agent::resolver
