#pragma once

#include <optional>
#include <string>

#include <agent/sdk/python.hpp>

#include "pip.hpp"

namespace agent::pip {

/// The environment that a task is about, and how its pip is started.
struct Target {
  PythonEnvironment env;
  Strings pip;                   ///< the command up to "install"
  std::optional<Step> creation;  ///< makes the virtual environment, where there is none yet
  std::optional<Path> virtualenv;
};

/// Finds it. `pip_package` is the distribution's package with pip. Throws Error where there is no Python, no pip, or an
/// environment that is broken.
Target find_target(const Want& want, const std::string& pip_package, const Host& host);

/// True where pip's own settings (PIP_BREAK_SYSTEM_PACKAGES, pip.conf) let it into a Python that the distribution keeps
/// for itself.
bool configured_to_break(const PythonEnvironment& env, const Host& host);

}  // namespace agent::pip
