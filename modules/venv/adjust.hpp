#pragma once

#include <string>

#include <agent/sdk/python.hpp>

#include "venv.hpp"

namespace agent::venv {

/// "virtual environment /x", as changes call it.
std::string subject(const Path& path);
/// "Python 3.11, with the system's packages".
std::string shown(const PythonEnvironment& python, bool system_packages);

/// Plans what is different about an environment that works and is to be kept: prompt, system packages, pip, packages.
void adjust(const Want& want, const PythonEnvironment& env, const Host& host, Plan& plan);

}  // namespace agent::venv
