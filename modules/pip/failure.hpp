#pragma once

#include <optional>
#include <string>

#include <agent/sdk/python.hpp>

namespace agent::pip {

/// What a failure of pip was about.
struct Context {
  Strings names;  ///< of the packages that were asked for
  const PythonEnvironment& env;
  Strings build_packages = {};  ///< what the distribution needs to compile extensions
};

/// What pip said, as a sentence with the way out; nothing where it said nothing that is known.
std::optional<Error> explained(const Output& output, const Context& context);

/// Whether pip could not reach a server: then "no matching distribution" means nothing.
bool is_about_the_network(const Output& output);

/// Names of packages that people ask for, for "did you mean".
const Strings& known_packages();

}  // namespace agent::pip
