#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/pinned_packages.hpp>

namespace agent::cudnn {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  std::string version;
  std::string cuda;
  std::string state = "present";
  bool dev = true;
  bool hold = true;
  bool allow_downgrade = false;
};

const SpecOf<Want>& arguments();

/// What is asked for, taken apart: cuDNN "8.9" or "8.0.5.39" for CUDA "12.4" or "12".
struct Wish {
  std::string version;  ///< as given, "9", "8.9", "9.10.2.21"
  int major = 0;
  std::string cuda;  ///< as given; empty where nothing has to be known of it (absent)
  int cuda_major = 0;

  bool takes(const std::string& found) const;  ///< "8.9.7.29" for "8.9"
};

/// Reads both; throws Error for what is no version, and for what NVIDIA never built: CUDA 13 below 9.12, CUDA 10 from 9
/// on, CUDA 11 from 9.11 on.
Wish wish_from(const std::string& version, const std::string& cuda);

/// Up to version 8 the CUDA that it was built for stands in the version, from 9 on in the name; and each manager has
/// its own spelling of both.
struct Names {
  std::string runtime;
  Strings development;  ///< with the headers where those are a package of their own
};
Names names_for(const Wish& wish, const std::string& manager);

/// One build on offer: "8.9.7.29" for CUDA "12.2" as package version "8.9.7.29-1+cuda12.2".
struct Build {
  std::string version, cuda, package_version;
};
/// Reads a version of either spelling; of a name with the CUDA in it, `cuda` stays empty.
Build build_from(const std::string& package_version);

/// The build to take: of the versions that fit, the newest that has a build for this CUDA (the very series, else one of
/// the same major version). Nothing when there is none.
std::optional<Build> chosen(const Wish& wish, const std::vector<Package>& offers, const PackageDb& db);

/// NVIDIA's cuDNN, from the repository that `cuda_repo` adds.
class Cudnn : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

}  // namespace agent::cudnn
