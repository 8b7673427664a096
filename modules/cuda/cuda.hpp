#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/pinned_packages.hpp>

namespace agent::cuda {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  std::string version;
  std::string kind = "toolkit";
  std::string state = "present";
  std::optional<bool> is_default;
  std::optional<bool> profile;
  bool hold = true;
  bool allow_downgrade = false;
};

const SpecOf<Want>& arguments();

/// A version of CUDA as a play names it.
struct Version {
  std::string series;  ///< "12.4"
  std::string exact;   ///< "12.4.1"; empty: any of the series

  std::string dashed() const;  ///< "12-4", as it stands in the names of packages
  Path home() const;           ///< "/usr/local/cuda-12.4"
  int number() const;          ///< 124, as NVIDIA's packages weigh themselves among the alternatives
};

/// Reads "12.4" or "12.4.1". Throws Error for "12", "latest", and series that NVIDIA never made.
Version version_from(const std::string& text);

/// CUDA by NVIDIA's packages, which have the same stems for apt and dnf.
class Cuda : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// The packages that are asked for. Never a meta package without a number: it would follow whatever is newest.
Strings package_names(const Version& version, const std::string& kind);

/// Every installed package of one series.
Strings packages_of_series(const Version& version, const PackageDb& db);

/// Throws Error for a series that the repository of this distribution does not have, as far as that can be told before
/// anything is changed, naming what it has.
void refuse_what_is_not_there(const Version& version, const std::string& package, const Host& host);

/// Adds what makes /usr/local/cuda mean this version, through the alternatives that NVIDIA's packages register.
void plan_default(const Version& version, const Host& host, Plan& plan);
/// The series that somebody chose by hand for /usr/local/cuda, if it is another one than this.
std::optional<std::string> chosen_otherwise(const Version& version, const Host& host);
/// Where /usr/local/cuda leads now; nothing when there is none.
std::optional<std::string> present_default(const Host& host);

/// Adds the file that gives every login shell this version's programs and libraries.
void plan_profile(const Version& version, const Host& host, Plan& plan);
void plan_no_profile(const Version& version, const Host& host, Plan& plan);

}  // namespace agent::cuda
