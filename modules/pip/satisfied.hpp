#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/python.hpp>

#include "request.hpp"

namespace agent::pip {

/// A package that is not as it should be.
struct Lack {
  std::string name;
  std::optional<std::string> before;  ///< the version that is there
  std::string wanted;                 ///< "2.13.0", ">=1.2" or "newest"
  std::string wanted_by;              ///< the package that depends on it; empty: the task
  /// What there is of it cannot be trusted: it is taken away, and put in place whole.
  bool half_installed = false;
  std::vector<Path> debris = {};  ///< what an interrupted pip left of it, to be removed first
  bool only_debris = false;       ///< the package itself is as it should be
};

/// How far to look.
struct Depth {
  bool dependencies = true;
  std::vector<pep508::Requirement> constraints = {};
};

/// What keeps `requests` from being satisfied in `env`, as `pip check` would see it: packages that are missing, have a
/// version that does not fit, or were left half installed, down to the last dependency. Empty: nothing.
/// Throws Unknown where it depends on a version that is only predicted.
std::vector<Lack> lacks(const std::vector<Request>& requests, const Depth& depth, const PythonEnvironment& env);

/// The installed package that came from the source of `request`, or null.
const PythonPackage* installed_from(const Request& request, const PythonEnvironment& env);

/// "2.13.0" of "==2.13.0"; the specifiers themselves where they leave a choice; "newest" where there are none.
std::string shown(const pep440::SpecifierSet& versions);
/// The version of a set that allows exactly one.
std::optional<std::string> pinned(const pep440::SpecifierSet& versions);

}  // namespace agent::pip
