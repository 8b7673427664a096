#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// One package that a change of packages would touch.
struct PackageMove {
  Package package;                    ///< as it is afterwards; its version empty when it is removed
  std::optional<std::string> before;  ///< the version that is there now
  bool removed = false;
};

/// What the package manager says would happen. Asking it changes nothing, not even a cache.
struct PackageForecast {
  std::vector<PackageMove> moves;
  /// Why the manager says no; empty: it says yes.
  std::string refusal;
  /// It could not be asked, or its answer is not the true one: an earlier task's change was only predicted.
  bool unknown = false;

  const PackageMove* find(const std::string& name) const;
};

/// The words of apt-get's command line that stand for the options.
Strings apt_words(const PackageOptions& options);

/// What `apt-get -s` says of "install", "remove", "upgrade", ... with these operands. Where check mode promised
/// packages before, what would be added is forecast for the machine as it is now: the promised packages are among the
/// moves then.
PackageForecast forecast_apt(const Host& host, const std::string& verb, const PackageOptions& options,
                             const Strings& operands);
/// The moves that `apt-get -s` printed.
std::vector<PackageMove> parse_apt_simulation(std::string_view text);

}  // namespace agent
