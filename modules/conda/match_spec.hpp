#pragma once

#include <optional>
#include <string>

#include <agent/sdk/value.hpp>

namespace agent::conda {

/// Below, at or above zero, as conda orders versions: parts between dots, runs of digits and letters within them,
/// letters before digits, "dev" before all and "post" behind all.
int compare_versions(const std::string& a, const std::string& b);

/// What is asked of one package: "numpy", "numpy=1.26", "conda-forge::numpy>=1.20,<2", "numpy 1.26.* py311*".
struct MatchSpec {
  std::string text;  ///< as it is handed to conda
  std::string channel, name;
  std::string version;  ///< "=1.26", ">=1.20,<2", "1.26.*|1.27.*"; empty: any
  std::string build;    ///< may be a glob; empty: any

  /// Throws Error for what is no package.
  static MatchSpec parse(const std::string& text);
  bool takes(const std::string& version, const std::string& build) const;
};

}  // namespace agent::conda
