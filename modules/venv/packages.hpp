#pragma once

#include <optional>
#include <string>

#include <agent/sdk/python.hpp>

#include "venv.hpp"

namespace agent::venv {

/// What pip is asked not to do: look for its own next version, or wait for an answer.
const Environment& quiet_pip();

/// Whether `upgrade_pip` asks for anything.
bool is_wanted(const Value& upgrade);
/// The versions that `upgrade_pip` asks for; none for `true`.
std::optional<pep440::SpecifierSet> pip_versions(const Value& upgrade);
/// The version of the pip that a new environment gets, where it is known.
std::optional<std::string> bundled_version(const PythonEnvironment& base);
/// Whether the pip of an environment that works is new enough. `true` means newer than the one that came with Python;
/// only where it is still that one is the index asked whether there is a newer one at all.
bool pip_fits(const Value& upgrade, const PythonEnvironment& env, const Host& host);

/// The command that installs `requirements` into the environment at `path`, and its effects on `site`. `env` is the
/// environment as it is, or null before there is one.
Exec pip_install(const PythonEnvironment* env, const Path& path, const Path& site, const Strings& requirements,
                 bool upgrade);
/// The requirements among `packages` whose markers hold.
std::vector<pep508::Requirement> applicable(const Strings& packages, const PythonEnvironment& env);
/// Installs those of `packages` that are missing or of a wrong version; no changes when there are none.
Step seeding(const Strings& packages, const PythonEnvironment& env);

}  // namespace agent::venv
