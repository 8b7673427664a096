#pragma once

#include <vector>

#include "request.hpp"
#include "satisfied.hpp"
#include "target.hpp"

namespace agent::pip {

/// What the package index has newer than what is installed.
struct Newer {
  std::vector<Lack> lacking;
  Strings notes;  ///< newer versions that other packages keep from being installed
};

/// Asks the index, through pip, for the newest version that each of `requests` allows. Throws Unknown when it does not
/// answer, Error for a package that it does not have.
Newer find_newer(const Want& want, const Target& target, const std::vector<Request>& requests, const Host& host);

}  // namespace agent::pip
