#pragma once

#include <string>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/host.hpp>
#include <agent/sdk/package_forecast.hpp>
#include <agent/sdk/package_request.hpp>

namespace agent {

/// What installing these would bring, as the machine's own package manager sees it.
PackageForecast forecast_installation(const Host& host, const std::vector<PackageRequest>& requests,
                                      const PackageOptions& options);
/// What removing these would take along.
PackageForecast forecast_removal(const Host& host, const Strings& names, const PackageOptions& options);

/// What upgrading everything would bring; `full` may remove packages on the way.
PackageForecast forecast_upgrades(const Host& host, UpgradePackages::Kind kind, const PackageOptions& options);
/// What was installed only for something that is gone.
PackageForecast forecast_autoremoval(const Host& host, const PackageOptions& options);

/// The Error for a forecast that says no: the name or version that does not exist, with those that do; the virtual
/// package, with what provides it; the dependency that cannot be met.
Error refused(const std::string& refusal, const std::vector<PackageRequest>& requests, const Host& host);

}  // namespace agent
