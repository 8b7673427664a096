#pragma once

#include <vector>

#include "request.hpp"
#include "satisfied.hpp"
#include "target.hpp"

namespace agent::pip {

/// What pip is asked not to do in an unattended run: look for its own next version, or wait for an answer.
Environment quiet_pip();
/// Further settings for a question to the index: nothing is stored, and it is not asked for long.
Environment questioning_pip();

/// The options that tell where packages come from. A URL with a password in it goes into `environment` instead.
Strings source_options(const Want& want, Environment& environment);

/// pip install, with the effects that are known beforehand.
Exec install_command(const Want& want, const Target& target, const std::vector<Request>& requests,
                     const std::vector<Lack>& lacking);
/// Takes away what a cut-off installation left of a package, and puts it in place whole.
std::vector<Action> repair(const Want& want, const Target& target, const Lack& half_installed);
Exec uninstall_command(const Want& want, const Target& target, const std::vector<PythonPackage>& packages);

}  // namespace agent::pip
