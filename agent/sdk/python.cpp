#include <algorithm>
#include <sstream>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/python.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "3.11" of "3.11", "3.11.2", "3.11.2-1+b1" and "3.11.2.final.0"; empty when it begins with no such numbers.
std::string minor_of(std::string_view version) {
  const auto dot = version.find('.');
  if (dot == std::string_view::npos || !is_digits(version.substr(0, dot))) return "";
  const auto end = std::min(version.find_first_not_of("0123456789", dot + 1), version.size());
  return end > dot + 1 ? std::string(version.substr(0, end)) : "";
}

/// "3.11" of a program called python3.11; empty for python3.
std::string version_in_name(const Path& program) {
  const std::string name = program.filename().string();
  if (!name.starts_with("python")) return "";
  const std::string version = minor_of(std::string_view(name).substr(6));
  return "python" + version == name ? version : "";
}

bool exists(const Host& host, const Path& path) {
  return host.stat(path).has_value();
}

/// The directory of the standard library: lib64 on Fedora.
std::optional<Path> library_below(const Host& host, const Path& prefix, const std::string& version) {
  for (const char* lib : {"lib", "lib64"})
    if (const Path path = prefix / lib / ("python" + version); exists(host, path / "os.py")) return path;
  return std::nullopt;
}

/// The one version whose standard library lies below `prefix`; empty when there is none or a choice.
std::string only_version(const Host& host, const Path& prefix) {
  Strings found;
  for (const char* lib : {"lib", "lib64"})
    for (const auto& name : host.list(prefix / lib))
      if (const auto version = version_in_name(name); !version.empty() && library_below(host, prefix, version))
        found.push_back(version);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found.size() == 1 ? found.front() : "";
}

std::map<std::string, std::string> read_settings(const std::string& text) {
  std::map<std::string, std::string> settings;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string key = text::trimmed(std::string_view(line).substr(0, equals));
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    settings[key] = text::trimmed(std::string_view(line).substr(equals + 1));
  }
  return settings;
}

std::string setting(const std::map<std::string, std::string>& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "" : found->second;
}

/// What only Python itself knows of a program that is not where interpreters lie.
constexpr const char* question =
    "import json,os,platform,site,sys;"
    "print(json.dumps({'version':platform.python_version(),'prefix':sys.prefix,'base':sys.base_prefix,"
    "'program':os.path.realpath(sys.executable),'sites':[p for p in sys.path if os.path.basename(p) in"
    "('site-packages','dist-packages')]}))";

/// The version of a package of the system's, without epoch and revision: "3.11.2".
std::string upstream_version(const Host& host, const std::string& package) {
  for (const auto& record : host.packages().find(package)) {
    if (record.state != Package::State::installed) continue;
    std::string_view version = record.version;
    if (const auto colon = version.find(':'); colon != std::string_view::npos) version.remove_prefix(colon + 1);
    return std::string(version.substr(0, version.find_first_of("-+~")));
  }
  return "";
}

}  // namespace

std::optional<Path> find_program(const Host& host, const std::string& name) {
  const auto is_program = [&](const Path& path) {
    const auto info = host.stat(path);
    return info && info->is_file() && (info->mode & 0111);
  };
  if (name.find('/') != std::string::npos) return is_program(name) ? std::optional<Path>(name) : std::nullopt;
  std::istringstream folders(host.environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin"));
  for (std::string folder; std::getline(folders, folder, ':');)
    if (folder.starts_with('/') && is_program(Path(folder) / name)) return Path(folder) / name;
  return std::nullopt;
}

Strings python_programs(const Host& host) {
  std::map<int, std::string, std::greater<>> found;
  std::istringstream folders(host.environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.starts_with('/')) continue;
    for (const auto& name : host.list(folder))
      if (const auto version = version_in_name(name); version.starts_with("3."))
        found.emplace(std::stoi(version.substr(2)), name);
  }
  Strings names;
  for (const auto& [minor, name] : found) names.push_back(name);
  return names;
}

std::optional<PythonEnvironment> PythonEnvironment::in(const Host& host, const Path& directory) {
  const auto text = host.read(directory / "pyvenv.cfg");
  if (!text) return std::nullopt;
  PythonEnvironment found(host);
  found.is_virtual_ = true;
  found.prefix_ = directory;
  found.settings_ = read_settings(*text);
  found.sees_system_ = setting(found.settings_, "include-system-site-packages") == "true";
  found.python_ = directory / "bin/python";
  if (!host.stat(found.python_, false)) found.python_ = directory / "bin/python3";
  const Path home = setting(found.settings_, "home");
  found.base_prefix_ = home.is_absolute() ? resolve_links(home, host).parent_path() : home;
  for (const char* key : {"version", "version_info"})
    if (found.version_.empty()) found.version_ = minor_of(setting(found.settings_, key));
  if (found.version_.empty())
    for (const auto& name : host.list(directory / "lib"))
      if (const auto version = version_in_name(name); !version.empty()) found.version_ = version;
  found.find_fault();
  found.find_sites();
  return found;
}

PythonEnvironment PythonEnvironment::planned(const Host& host, const PythonEnvironment& base, const Path& directory,
                                             bool sees_system_packages) {
  PythonEnvironment plan(host);
  plan.is_virtual_ = true;
  plan.sees_system_ = sees_system_packages;
  plan.prefix_ = directory;
  plan.python_ = directory / "bin/python";
  plan.base_prefix_ = base.base_prefix_;
  plan.interpreter_ = base.interpreter_;
  plan.version_ = base.version_;
  plan.asked_version_ = base.full_version();
  plan.find_sites();
  return plan;
}

void PythonEnvironment::find_fault() {
  if (!host_->stat(python_, false)) {
    broken_ = "it has no bin/python";
    return;
  }
  interpreter_ = resolve_links(python_, *host_);
  if (!exists(*host_, python_)) {
    broken_ = "its bin/python leads to '" + interpreter_.string() + "', which does not exist";
    return;
  }
  const bool is_copy = is_within(interpreter_, prefix_);
  if (is_copy && base_prefix_.is_absolute() && !exists(*host_, setting(settings_, "home"))) {
    broken_ = "its home '" + setting(settings_, "home") + "' does not exist";
    return;
  }
  const std::string now = is_copy ? "" : version_in_name(interpreter_);
  if (now.empty() || version_.empty() || now == version_) return;
  if (exists(*host_, prefix_ / "lib" / ("python" + now) / "site-packages")) {
    version_ = now;
    return;
  }
  broken_ =
      "it was made by Python " + version_ + ", and its python is now " + now + " ('" + interpreter_.string() + "')";
}

std::optional<PythonEnvironment> PythonEnvironment::of(const Host& host, const std::string& program) {
  const std::string name = minor_of(program) == program ? "python" + program : program;
  if (name.starts_with('/'))
    if (auto found = of_path(host, name)) return found;
  const auto path = find_program(host, name);
  if (!path) return promised(host, name.starts_with("/usr/bin/") ? name.substr(9) : name);
  if (auto found = of_path(host, *path)) return found;
  PythonEnvironment found(host);
  found.python_ = *path;
  if (!found.read_layout(*path) && !found.ask(*path)) return std::nullopt;
  return found;
}

std::optional<PythonEnvironment> PythonEnvironment::promised(const Host& host, const std::string& name) {
  if (name != "python3" && version_in_name(name).empty()) return std::nullopt;
  const std::string version = minor_of(upstream_version(host, name));
  if (version.empty()) {
    const auto records = host.packages().find(name);
    if (records.empty() || records.front().state != Package::State::installed) return std::nullopt;
    throw Unknown("which version of Python package '" + name + "' brings is only known once it is installed");
  }
  PythonEnvironment found(host);
  found.python_ = Path("/usr/bin") / name;
  found.interpreter_ = "/usr/bin/python" + version;
  found.prefix_ = found.base_prefix_ = "/usr";
  found.version_ = version;
  found.find_sites();
  return found;
}

std::optional<PythonEnvironment> PythonEnvironment::of_path(const Host& host, const Path& program) {
  for (const Path& directory : {program.parent_path(), program.parent_path().parent_path()})
    if (auto found = in(host, directory)) {
      found->python_ = program;
      return found;
    }
  return std::nullopt;
}

bool PythonEnvironment::read_layout(const Path& program) {
  interpreter_ = resolve_links(program, *host_);
  if (interpreter_.parent_path().filename() != "bin") return false;
  prefix_ = base_prefix_ = interpreter_.parent_path().parent_path();
  version_ = version_in_name(interpreter_);
  if (version_.empty() && interpreter_.filename().string().starts_with("python"))
    version_ = only_version(*host_, prefix_);
  if (version_.empty() || !library_below(*host_, prefix_, version_)) return false;
  find_sites();
  return true;
}

bool PythonEnvironment::ask(const Path& program) {
  const Output answer = host_->query({{program.string(), "-c", question}, {}, Path("/")});
  if (!answer.unknown.empty()) throw Unknown(answer.unknown);
  const auto begin = answer.out.rfind("{\"version\"");
  if (answer.rc != 0 || begin == std::string::npos) return false;
  const Value said = parse_json(answer.out.substr(begin), program.string());
  asked_version_ = said["version"].string();
  version_ = minor_of(asked_version_);
  prefix_ = said["prefix"].string();
  base_prefix_ = said["base"].string();
  interpreter_ = said["program"].string();
  is_virtual_ = prefix_ != base_prefix_;
  sites_.clear();
  for (const auto& site : said["sites"].list()) add_site(site.string());
  return !version_.empty();
}

void PythonEnvironment::find_sites() {
  has_dist_packages_ = base_prefix_ == "/usr" &&
                       (exists(*host_, "/usr/lib/python3/dist-packages") || host_->packages().manager() == "apt");
  if (is_virtual_) {
    add_site(prefix_ / "lib" / ("python" + version_) / "site-packages");
    // Usually a link to lib; a directory of its own only where somebody made it one.
    if (const auto lib64 = host_->stat(prefix_ / "lib64", false); lib64 && lib64->is_directory())
      add_site(prefix_ / "lib64" / ("python" + version_) / "site-packages");
  }
  if (!is_virtual_ || sees_system_) add_system_sites();
}

void PythonEnvironment::add_site(const Path& site) {
  if (std::find(sites_.begin(), sites_.end(), site) == sites_.end()) sites_.push_back(site);
}

void PythonEnvironment::add_system_sites() {
  const std::string python = "python" + version_;
  if (host_->environment("PYTHONNOUSERSITE").value_or("").empty()) add_site(user_site());
  if (has_dist_packages_) {
    for (const Path& site : {Path("/usr/local/lib") / python, Path("/usr/lib/python3"), Path("/usr/lib") / python})
      add_site(site / "dist-packages");
    return;
  }
  for (const Path& prefix :
       base_prefix_ == "/usr" ? std::vector<Path>{"/usr/local", "/usr"} : std::vector{base_prefix_})
    for (const char* lib : {"lib64", "lib"}) add_site(prefix / lib / python / "site-packages");
}

Path PythonEnvironment::user_site() const {
  const std::string home = host_->environment("HOME").value_or(host_->self().home);
  const Path base = host_->environment("PYTHONUSERBASE").value_or(home + "/.local");
  return base / "lib" / ("python" + version_) / "site-packages";
}

Path PythonEnvironment::site(bool user) const {
  if (user) return user_site();
  const Path lib = Path("lib") / ("python" + version_);
  if (is_virtual_) return prefix_ / lib / "site-packages";
  if (base_prefix_ != "/usr") {
    const Path own = base_prefix_ / lib / "site-packages";
    const auto info = host_->stat(own);
    return host_->self().uid == 0 || !info || info->uid == host_->self().uid ? own : user_site();
  }
  if (host_->self().uid != 0) return user_site();  // pip's own default where it may not write
  return Path("/usr/local") / lib / (has_dist_packages_ ? "dist-packages" : "site-packages");
}

bool PythonEnvironment::owns(const PythonPackage& package) const {
  return !is_virtual_ || is_within(package.metadata, prefix_);
}

std::optional<Path> PythonEnvironment::standard_library() const {
  return library_below(*host_, base_prefix_, version_);
}

std::optional<std::string> PythonEnvironment::bundled_pip() const {
  const auto library = standard_library();
  if (!library || !exists(*host_, *library / "ensurepip/__init__.py")) return std::nullopt;
  // Debian and Fedora keep the wheels of all their Pythons in one place.
  for (const Path& folder : {*library / "ensurepip/_bundled", Path("/usr/share/python-wheels")})
    for (const auto& name : host_->list(folder))
      if (name.starts_with("pip-") && name.ends_with(".whl")) return name.substr(4, name.find('-', 4) - 4);
  return "";
}

std::optional<Path> PythonEnvironment::externally_managed() const {
  const auto library = standard_library();
  if (is_virtual_ || !library || !exists(*host_, *library / "EXTERNALLY-MANAGED")) return std::nullopt;
  return *library / "EXTERNALLY-MANAGED";
}

std::string PythonEnvironment::full_version() const {
  const auto fits = [this](const std::string& version) { return version.starts_with(version_ + "."); };
  if (!asked_version_.empty()) return asked_version_;
  if (const auto version = setting(settings_, "version"); fits(version)) return version;
  if (base_prefix_ == "/usr")
    for (const auto& package : {"python" + version_, std::string("python3")})
      if (const auto version = upstream_version(*host_, package); fits(version)) return version;
  const Output answer =
      host_->query({{python_.string(), "-c", "import platform;print(platform.python_version())"}, {}, Path("/")});
  if (!answer.unknown.empty()) throw Unknown(answer.unknown);
  return answer.rc == 0 && fits(answer.out) ? text::trimmed(answer.out.substr(0, answer.out.find('\n')))
                                            : version_ + ".0";
}

pep508::MarkerValues PythonEnvironment::markers() const {
  const std::string full = full_version();
  const bool pypy = interpreter_.filename().string().starts_with("pypy");
  return {{"python_version", version_},
          {"python_full_version", full},
          {"os_name", "posix"},
          {"sys_platform", "linux"},
          {"platform_system", "Linux"},
          {"platform_machine", host_->system().architecture},
          {"platform_release", host_->system().kernel},
          {"platform_version", text::trimmed(host_->read("/proc/sys/kernel/version").value_or(""))},
          {"implementation_name", pypy ? "pypy" : "cpython"},
          {"implementation_version", full},
          {"platform_python_implementation", pypy ? "PyPy" : "CPython"}};
}

}  // namespace agent
