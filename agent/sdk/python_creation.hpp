#pragma once

#include <optional>
#include <string>

#include <agent/sdk/python.hpp>

namespace agent {

/// The pyvenv.cfg that `base` would write for a virtual environment.
std::string environment_settings(const PythonEnvironment& base, bool sees_system_packages,
                                 const std::optional<std::string>& prompt);

/// The command `argv`, which makes the virtual environment `planned` from `base`, with what later tasks will see of it.
Exec environment_creation(Strings argv, const PythonEnvironment& base, const PythonEnvironment& planned,
                          const std::optional<std::string>& prompt = std::nullopt);
bool creates_environment(const Action& action);

/// Performs such a command. `python -m venv` leaves what it made when a later part of it fails; here a failure takes
/// that away again, and nothing else. The Error says what is known of the cause.
Output create_environment(const Exec& creation, Host& host);

}  // namespace agent
