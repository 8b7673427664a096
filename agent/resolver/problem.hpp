#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <agent/resolver/build.hpp>
#include <agent/resolver/lookup.hpp>
#include <agent/resolver/request.hpp>

namespace agent::resolver {

/// A driver that is there: a version, or a branch alone, which stands for its newest.
struct GivenDriver {
  Dotted version;
  bool is_branch = false;
  bool reaches(const Dotted& needed) const { return is_branch ? version.major() >= needed.major() : version >= needed; }
};

/// A request with its names looked up.
struct Problem {
  Problem(const Tables& tables, const Request& request);

  const Tables& tables;
  const Request& request;
  bool for_cpu = false;
  std::vector<Card> cards;
  std::optional<GivenDriver> driver;
  std::optional<Release> release;
  std::optional<pep440::SpecifierSet> python, cuda;
  Strings frameworks;                      ///< each once, in the order asked for
  std::vector<std::vector<Build>> builds;  ///< of each framework
  std::vector<Dotted> pythons;             ///< that some build serves, or that is asked for; newest first
  Strings hosts;                           ///< CUDA series that the machine itself may get; "" is none

  /// Whether the series, or a toolkit of it, is one of those that `cuda` allows.
  bool allows_cuda(const Dotted& cuda) const;
  /// The newest toolkit of the series that `cuda` allows, or null.
  const Toolkit* toolkit(const std::string& series) const;
  /// The oldest driver that a build needs on these cards, and the one with which nothing is missing. Nothing for a
  /// build for the CPU.
  struct DriverNeed {
    Dotted least, full;
    const Toolkit* toolkit = nullptr;
  };
  std::optional<DriverNeed> driver_need(const Build& build) const;
  /// 0: asked for, or the machine's own; 1: a further package of the distribution; 2: from elsewhere (conda, uv).
  int python_tier(const Dotted& python) const;
  /// "asked for", or what `said_by` says.
  std::string said(const std::string& key) const;
};

/// "python3.11" of "python3.11" or "python311"; the version that the name of a package stands for.
std::optional<Dotted> python_of_package(const std::string& name);

}  // namespace agent::resolver
