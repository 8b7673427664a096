#pragma once

#include <chrono>
#include <vector>

#include <agent/sdk/package_plan.hpp>

namespace agent {

/// Packages that shall be there in a version of their own, and stay in it.
struct PinnedPackages {
  std::vector<PackageRequest> requests;
  bool hold = true;              ///< held (apt) or locked (dnf) once they are there
  bool allow_downgrade = false;  ///< the version may be older than what is there
  PackageOptions options = {};
  std::chrono::seconds lock_timeout{60};
};

/// "name=version" as apt writes it, which both managers take here; the version may be a glob, or empty for any.
PackageRequest pinned_request(const std::string& name, const std::string& version);

/// Plans what brings these packages, holds them or lets them go, and first repairs what an interrupted run left. What
/// we hold ourselves does not stop us: asking for another version is asking to change it.
void plan_pinned_packages(const PinnedPackages& wanted, const Host& host, Plan& plan);

/// Plans the removal of these packages (names or globs) with what came only for them, held or not.
void plan_pinned_removal(const Strings& names, const Host& host, Plan& plan);

/// Whether the package is there, installed and not only its configuration.
std::optional<Package> installed_package(const PackageDb& db, const std::string& name);

/// The versions on offer, newest first. Empty also where an index that check mode only promised may bring it; then
/// `unknown` is set, if it is given.
std::vector<Package> offered_packages(const PackageDb& db, const std::string& name, bool* unknown = nullptr);

}  // namespace agent
