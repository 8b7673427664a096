#include <agent/sdk/named_python.hpp>
#include <agent/sdk/paths.hpp>

namespace agent {

std::string package_module(const Host& host) {
  const std::string manager = host.packages().manager();
  return manager.empty() ? "package" : manager;
}

PythonEnvironment named_python(const std::string& name, const std::string& argument, const Host& host,
                               const std::string& package) {
  const bool is_path = name.find('/') != std::string::npos;
  if (auto found = PythonEnvironment::of(host, is_path ? path_argument(name, host).string() : name)) return *found;
  auto error = Error(is_path ? "there is no program '" + name + "'" : "there is no '" + name + "' in PATH");
  std::string others;
  for (const auto& other : python_programs(host)) others += (others.empty() ? "" : ", ") + other;
  if (!others.empty()) error.hint("there are: " + others);
  if (!is_path && !package.empty())
    error.hint(package_module(host) + ": {name: " + package + "} brings it, where the distribution has that version");
  else if (others.empty())
    error.hint(package_module(host) + ": {name: python3} installs one");
  throw std::move(error).about(argument);
}

PythonEnvironment named_environment(const Path& venv, const Host& host, const std::string& then) {
  const Path path = path_argument(venv.string(), host);
  if (auto env = PythonEnvironment::in(host, path)) return *env;
  throw Error("there is no virtual environment '" + path.string() + "'")
      .about("venv")
      .hint("venv: {path: " + path.string() + "} makes one" + then);
}

}  // namespace agent
