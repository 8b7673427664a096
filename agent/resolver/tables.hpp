#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/resolver/dotted.hpp>
#include <agent/sdk/pep440.hpp>
#include <agent/sdk/value.hpp>

/// The tables of `share/agent/compat`, understood: what fits what, as far as somebody wrote it down. Every row knows
/// where it stands and who said so.
namespace agent::resolver {

using SourceTexts = std::map<std::string, std::string>;

/// Where a row stands, and who said so.
struct Origin {
  Where where;
  Strings ids;                               ///< of its sources
  std::shared_ptr<const SourceTexts> texts;  ///< what the ids stand for
  bool verified = true;
  std::string note;

  /// "NVIDIA CUDA Toolkit release notes ...", one text per source.
  Strings sources() const;
};

/// A compute capability, 8.6 as 86.
using Capability = int;
std::string shown_capability(Capability capability);
std::optional<Capability> capability_from(std::string_view text);

struct Toolkit {
  Dotted version;
  std::string series;
  Dotted min_driver;
  std::optional<Dotted> compatible_driver;  ///< minor-version compatibility, from CUDA 11 on
  Origin origin;
};
struct DriverBranch {
  int branch = 0;
  std::string cuda;
  std::string end_of_life;  ///< "2028-08"; empty: none is known
  Origin origin;
};
/// A family of GPUs and the driver branches that serve it.
struct Architecture {
  std::string name;
  std::vector<Capability> capabilities;
  int first_branch = 0;
  std::optional<int> last_branch;
  enum class Open { unsupported, supported, required } open_module = Open::supported;
  Origin origin;
};
/// A capability that needs a later branch than its architecture.
struct BranchException {
  Capability capability = 0;
  int first_branch = 0;
  Origin origin;
};
struct Gpu {
  std::string name;
  Capability capability = 0;
  std::string architecture;
  Strings pci;  ///< device ids of vendor 10de, four hex digits
  Origin origin;
};
/// What the compiler of one CUDA series makes code for.
struct CompilerTargets {
  std::string series;
  Capability lowest = 0, highest = 0;
  std::vector<Capability> targets;
  Origin origin;
};

/// One entry of a wheel's list of architectures: machine code for a capability, and PTX for newer ones.
struct CodeFor {
  Capability capability = 0;
  bool ptx = false;
};
struct TorchWheel {
  Dotted cuda;
  std::string tag;
  std::string cudnn;                         ///< empty: not known
  std::optional<std::vector<CodeFor>> code;  ///< no value: not known
  Origin origin;
};
struct TorchRelease {
  pep440::Version version;
  std::string torchvision, torchaudio;  ///< empty: none
  Dotted python_min, python_max;
  std::string index;  ///< "find-links", "extra-index-url" or "index-url"
  std::string pypi_cuda;
  std::vector<TorchWheel> wheels;
  Origin origin;
};
struct TensorflowRelease {
  pep440::Version version;
  Dotted python_min, python_max, cuda, cudnn;
  bool brings_cuda = false;  ///< has the extra `and-cuda`
  std::string numpy;
  Origin origin;
};
/// A row applies from its version up to the next newer one.
struct JaxRelease {
  pep440::Version version;
  Dotted python_min, python_max;
  Strings extras;
  Dotted cuda_min;
  std::string cudnn_min;
  Origin origin;
};
struct CudnnRelease {
  Dotted version;
  Strings cuda;      ///< series up to 8.3, majors afterwards
  Strings deb_cuda;  ///< suffixes of the Debian packages; empty: none
  Origin origin;
};
/// A release that was seen, of which too little is known to choose it.
struct HalfKnown {
  std::string framework, version;
  Origin origin;
};

/// NVIDIA's network repository of one release of a distribution.
struct Repository {
  std::string name, format;  ///< "ubuntu2204", "deb"
  Strings ids, versions;
  Strings series;  ///< CUDA toolkits in it
  Origin origin;
};
struct Distribution {
  std::string id, release, codename;
  Dotted python, glibc;
  Strings extra_python;  ///< names of packages
  Origin origin;
};
/// A driver that a distribution (or RPM Fusion) packages.
struct DriverPackage {
  std::string id, release, from;  ///< from: "distro" or "rpmfusion"
  Dotted version;                 ///< of the branch at least
  std::string proprietary, open;  ///< names; empty: there is none
  Origin origin;
};
/// How the packages of a branch are called in NVIDIA's repositories.
struct NetworkDriver {
  std::string format;
  int first_branch = 0;
  std::optional<int> last_branch;
  std::string proprietary, open, pin;  ///< "{branch}" stands for the number
  Origin origin;
};
/// A package that goes by the CUDA major of the stack (CuPy, RAPIDS, DALI).
struct AddOn {
  std::string name, package;  ///< "{major}" stands for the number
  std::vector<int> cuda_majors;
  std::optional<Capability> capability_min;
  std::optional<Dotted> glibc_min;
  std::string index_url;
  Origin origin;
};

/// A sentence of a table's `semantics`.
struct Rule {
  std::string text;
  Origin origin;
};

struct Tables {
  std::vector<Toolkit> toolkits;  ///< newest first
  std::vector<DriverBranch> branches;
  std::vector<Architecture> architectures;
  std::vector<BranchException> exceptions;
  std::vector<Gpu> gpus;
  std::vector<CompilerTargets> compilers;
  std::vector<TorchRelease> torch;
  std::vector<TensorflowRelease> tensorflow;
  std::vector<JaxRelease> jax;
  std::vector<HalfKnown> half_known;
  std::vector<CudnnRelease> cudnn;  ///< newest first
  std::vector<Repository> repositories;
  std::vector<Distribution> distributions;
  std::vector<DriverPackage> driver_packages;
  std::vector<NetworkDriver> network_drivers;
  std::vector<AddOn> add_ons;
  std::map<std::string, Rule> rules;  ///< by file and key: "cuda_compute.cubin_rule"
  std::string updated;                ///< the newest date of the tables: "2026-11-21"

  const Rule& rule(const std::string& name) const;
  const Architecture* architecture(const std::string& name) const;
  /// The newest toolkit of a series, or null.
  const Toolkit* newest_of(const std::string& series) const;
  const CompilerTargets* compiler(const std::string& series) const;
};

}  // namespace agent::resolver
