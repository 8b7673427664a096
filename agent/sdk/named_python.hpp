#pragma once

#include <string>

#include <agent/sdk/python.hpp>

namespace agent {

/// The module that installs packages here: "apt", "dnf"; "package" where nobody knows.
std::string package_module(const Host& host);

/// The Python that `argument` names: a path, or a program of PATH. Where there is none the Error names those that are,
/// and `package`, which would bring it, if given.
PythonEnvironment named_python(const std::string& name, const std::string& argument, const Host& host,
                               const std::string& package = "");

/// The virtual environment that the argument 'venv' names. The hint of the Error says how to make one, and ends with
/// `then`.
PythonEnvironment named_environment(const Path& venv, const Host& host, const std::string& then = "");

}  // namespace agent
