#include <algorithm>
#include <string_view>

#include <unistd.h>

#include <agent/host/process.hpp>

namespace agent {
namespace {

constexpr std::string_view standard_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What passes from the login into what we run. Nothing here names code to load.
bool passes(std::string_view name) {
  static constexpr std::string_view whole[] = {
      "http_proxy",   "https_proxy",    "ftp_proxy",          "no_proxy",
      "all_proxy",    "HTTP_PROXY",     "HTTPS_PROXY",        "FTP_PROXY",
      "NO_PROXY",     "ALL_PROXY",      "SSL_CERT_FILE",      "SSL_CERT_DIR",
      "TZ",           "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "DBUS_SESSION_BUS_ADDRESS",
      "SSH_AUTH_SOCK"};
  static constexpr std::string_view beginnings[] = {"PIP_", "UV_", "CONDA_", "MAMBA_", "XDG_", "HF_"};
  return std::find(std::begin(whole), std::end(whole), name) != std::end(whole) ||
         std::any_of(std::begin(beginnings), std::end(beginnings),
                     [&](std::string_view start) { return name.substr(0, start.size()) == start; });
}

/// Runs `visit` with each part of a PATH, and stops when it answers true.
template <class Visit>
bool any_part(std::string_view path, Visit visit) {
  while (!path.empty()) {
    const auto colon = std::min(path.find(':'), path.size());
    if (visit(path.substr(0, colon))) return true;
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return false;
}

/// The login's own PATH first, without what depends on the current directory, then the places every system has.
std::string search_path(const std::string& login) {
  std::string path;
  const auto add = [&path](std::string_view part) {
    const bool there = any_part(path, [&](std::string_view known) { return known == part; });
    if (!there && !part.empty() && part[0] == '/') path += (path.empty() ? "" : ":") + std::string(part);
    return false;
  };
  any_part(login, add);
  any_part(standard_path, add);
  return path;
}

}  // namespace

Environment own_environment() {
  Environment environment;
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos && equals > 0)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Environment minimal_environment(const User& user, const Environment& login, bool own_login) {
  Environment environment;
  for (const auto& [name, value] : login)
    if (passes(name)) environment.emplace(name, value);
  environment["HOME"] = user.home;
  environment["USER"] = environment["LOGNAME"] = user.name;
  environment["SHELL"] = user.shell.empty() ? "/bin/sh" : user.shell;
  environment["LANG"] = "C.UTF-8";
  const auto path = login.find("PATH");
  environment["PATH"] = search_path(own_login && path != login.end() ? path->second : "");
  return environment;
}

std::optional<Path> find_program(const std::string& name, const Environment& environment) {
  const auto path = environment.find("PATH");
  std::optional<Path> found;
  any_part(path == environment.end() ? standard_path : std::string_view(path->second), [&](std::string_view part) {
    if (part.empty() || part[0] != '/') return false;
    Path candidate = Path(part) / name;
    std::error_code ignored;
    if (std::filesystem::is_directory(candidate, ignored) || ::access(candidate.c_str(), X_OK) != 0) return false;
    found = std::move(candidate);
    return true;
  });
  return found;
}

}  // namespace agent
