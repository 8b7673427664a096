#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/package_forecast.hpp>
#include <agent/sdk/package_request.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Which packages are wanted how. What is common to `apt`, `dnf` and `package`.
struct WantedPackages {
  enum class State { present, latest, absent };
  std::vector<PackageRequest> requests;
  State state = State::present;
  PackageOptions options = {};
  /// Something is done before (the index fetched, an interrupted run repaired), so that what the package manager
  /// refuses now is no mistake yet.
  bool may_become_possible = false;
};

/// Adds to `plan` what makes the machine have these packages so, with the versions that the repositories offer. Throws
/// Error for a package or version that does not exist (with those that do), for one that is held, and for a step back
/// to an older version that is not allowed.
void plan_packages(const WantedPackages& wanted, const Host& host, Plan& plan);

/// Adds the repair of what an interrupted run of the package manager left, where there is any beside the packages that
/// are going to be removed.
void plan_repair(const Host& host, std::chrono::seconds lock_timeout, const Strings& removed, Plan& plan);

/// Adds the upgrade of all packages that can be.
void plan_upgrades(UpgradePackages::Kind kind, const PackageOptions& options, bool may_become_possible,
                   const Host& host, Plan& plan);

/// Adds the removal of packages that nothing needs any more.
void plan_autoremoval(const PackageOptions& options, const Host& host, Plan& plan);

/// Adds the moves of a forecast as one step with that action; nothing when nothing would move.
void plan_moves(const std::vector<PackageMove>& moves, const Host& host, Action action, Plan& plan);

}  // namespace agent
