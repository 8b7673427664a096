#include "target.hpp"

#include <algorithm>
#include <sstream>

#include <agent/sdk/named_python.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/python_creation.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent::pip {

namespace {

bool is_installed(const Host& host, const std::string& package) {
  const auto records = host.packages().find(package);
  return std::any_of(records.begin(), records.end(),
                     [](const Package& p) { return p.state == Package::State::installed; });
}

/// The step that makes an environment.
Step creation_of(const PythonEnvironment& base, const PythonEnvironment& planned, const Want& want) {
  Strings argv = split_words(want.virtualenv_command);
  if (argv.empty()) throw Error("'virtualenv_command' is empty").about("virtualenv_command");
  const bool by_venv = std::find(argv.begin(), argv.end(), "venv") != argv.end();
  if (by_venv && (want.virtualenv_python || argv.front() == "python3")) argv.front() = base.python().string();
  if (want.virtualenv_site_packages) argv.push_back("--system-site-packages");
  if (!by_venv && want.virtualenv_python) argv.insert(argv.end(), {"-p", *want.virtualenv_python});
  argv.push_back(planned.prefix().string());
  const std::string after =
      "Python " + base.version() + (want.virtualenv_site_packages ? ", with the system's packages" : "");
  return {{{"virtual environment " + planned.prefix().string(), std::nullopt, after}},
          {environment_creation(std::move(argv), base, planned)}};
}

Target virtual_target(const Want& want, const Host& host) {
  const Path path = *want.virtualenv;
  if (auto env = PythonEnvironment::in(host, path)) {
    if (env->broken())
      throw Error("the virtual environment '" + path.string() + "' is broken: " + *env->broken())
          .about("virtualenv")
          .hint("venv: {path: " + path.string() + ", clear: true} rebuilds it, and deletes the packages in it");
    if (!env->find("pip"))
      throw Error("the virtual environment '" + path.string() + "' has no pip")
          .about("virtualenv")
          .hint("venv: {path: " + path.string() + "} gives it one");
    Strings pip{env->python().string(), "-m", "pip"};
    return {std::move(*env), std::move(pip), std::nullopt, path};
  }
  if (host.stat(path) && !host.list(path).empty())
    throw Error("'" + path.string() + "' is there and no virtual environment: there is no pyvenv.cfg in it")
        .about("virtualenv");
  const auto base = named_python(want.virtualenv_python.value_or("python3"), "virtualenv_python", host);
  if (base.standard_library() && !base.bundled_pip() && want.virtualenv_command.find("venv") != std::string::npos &&
      want.virtualenv_command.find("virtualenv") == std::string::npos)
    throw Error("'" + base.python().string() +
                "' has no ensurepip, so no virtual environment can be made with a pip in it")
        .about("virtualenv")
        .hint("on Debian and Ubuntu package 'python" + base.version() + "-venv' brings it");
  auto planned = PythonEnvironment::planned(host, base, path, want.virtualenv_site_packages);
  Step creation = creation_of(base, planned, want);
  return {planned, {(path / "bin/python").string(), "-m", "pip"}, std::move(creation), path};
}

/// The Python behind a pip: the one its first line names, or the one it says itself.
std::optional<PythonEnvironment> behind(const Path& program, const Host& host) {
  const std::string text = host.read(program).value_or("");
  const std::string first = text.substr(0, text.find('\n'));
  if (first.starts_with("#!/")) {
    const std::string named = first.substr(2, first.find_first_of(" \r", 2) - 2);
    if (Path(named).filename().string().starts_with("python")) return PythonEnvironment::of(host, named);
  }
  const Output answer = host.query({{program.string(), "--version"}, {}, Path("/")});
  if (!answer.unknown.empty()) throw Unknown(answer.unknown);
  // "pip 23.2.1 from /py/lib/python3.11/site-packages/pip (python 3.11)"
  const auto from = answer.out.find(" from "), tag = answer.out.find(" (python ");
  if (answer.rc != 0 || from == std::string::npos || tag == std::string::npos) return std::nullopt;
  const std::string version = answer.out.substr(tag + 9, answer.out.find(')', tag) - tag - 9);
  const std::string place = answer.out.substr(from + 6, tag - from - 6);
  const auto library = place.rfind("/lib");
  const std::string prefix =
      place.starts_with("/usr/lib/") ? "/usr" : place.substr(0, std::min(place.find("/lib/python"), library));
  return PythonEnvironment::of(host, prefix + "/bin/python" + version);
}

Target executable_target(const Want& want, const Host& host) {
  const std::string name = *want.executable;
  const auto program =
      find_program(host, name.find('/') == std::string::npos ? name : path_argument(name, host).string());
  if (!program)
    throw Error("there is no program '" + name + "'")
        .about("executable")
        .hint("executable names a pip, such as pip3.12");
  if (program->filename().string().starts_with("python")) {
    auto env = named_python(program->string(), "executable", host);
    return {std::move(env), {program->string(), "-m", "pip"}, std::nullopt, std::nullopt};
  }
  auto env = behind(*program, host);
  if (!env)
    throw Error("'" + program->string() + "' is no pip that works: it does not say which Python it belongs to")
        .about("executable");
  return {std::move(*env), {program->string()}, std::nullopt, std::nullopt};
}

/// Whether the sections of a pip.conf that count for `install` set break-system-packages.
bool breaks(const std::string& text) {
  std::istringstream lines(text);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
               line.end());
    std::replace(line.begin(), line.end(), '_', '-');
    if (line.starts_with('[')) section = line;
    if (section != "[global]" && section != "[install]") continue;
    for (const char* yes : {"true", "1", "yes", "on"})
      if (line == std::string("break-system-packages=") + yes) return true;
  }
  return false;
}

}  // namespace

Target find_target(const Want& want, const std::string& pip_package, const Host& host) {
  if (want.virtualenv) return virtual_target(want, host);
  if (want.executable) return executable_target(want, host);
  auto env = named_python("python3", "executable", host);
  Strings pip{env.python().string(), "-m", "pip"};
  if (!env.find("pip") && !is_installed(host, pip_package)) {
    auto error = Error("'" + env.python().string() + "' has no pip");
    if (!pip_package.empty()) error.hint(package_module(host) + ": {name: " + pip_package + "} installs one");
    throw std::move(error).hint("virtualenv: DIRECTORY makes an environment with a pip of its own");
  }
  std::optional<Path> virtualenv;
  if (env.is_virtual()) virtualenv = env.prefix();
  return {std::move(env), std::move(pip), std::nullopt, virtualenv};
}

bool configured_to_break(const PythonEnvironment& env, const Host& host) {
  const std::string set = host.environment("PIP_BREAK_SYSTEM_PACKAGES").value_or("");
  if (!set.empty() && set != "0" && set != "false" && set != "no") return true;
  const Path home = host.environment("HOME").value_or(host.self().home);
  const Path config = host.environment("XDG_CONFIG_HOME").value_or((home / ".config").string());
  std::vector<Path> files = {"/etc/xdg/pip/pip.conf", "/etc/pip.conf", home / ".pip/pip.conf", config / "pip/pip.conf",
                             env.prefix() / "pip.conf"};
  if (const auto named = host.environment("PIP_CONFIG_FILE"); named && named->starts_with('/'))
    files.emplace_back(*named);
  return std::any_of(files.begin(), files.end(),
                     [&](const Path& file) { return breaks(host.read(file).value_or("")); });
}

}  // namespace agent::pip
