#include "failure.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#include <agent/sdk/text.hpp>

namespace agent::pip {

namespace {

using Reading = std::optional<Error>;

/// What pip wrote, both streams, and what is looked for in it.
struct Said {
  std::string text;

  bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
  /// What stands between two texts, the first time; empty when they do not.
  std::string between(std::string_view begin, std::string_view end) const {
    const auto from = text.find(begin);
    if (from == std::string::npos) return "";
    const auto to = text.find(end, from + begin.size());
    return text.substr(from + begin.size(), to == std::string::npos ? to : to - from - begin.size());
  }
  std::string line_with(std::string_view part) const {
    const auto at = text.find(part);
    if (at == std::string::npos) return "";
    const auto begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
  }
};

Strings split(const std::string& text, char separator) {
  Strings parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    const auto begin = part.find_first_not_of(' ');
    if (begin != std::string::npos) parts.push_back(part.substr(begin, part.find_last_not_of(" \r") + 1 - begin));
  }
  return parts;
}

bool network(const Said& said) {
  for (const char* sign : {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ReadTimeoutError",
                           "ProxyError", "Temporary failure in name resolution", "Name or service not known",
                           "Network is unreachable", "Read timed out", "Connection refused", "Connection broken",
                           "ConnectionResetError", "Connection aborted", "RemoteDisconnected", "IncompleteRead"})
    if (said.has(sign)) return true;
  return false;
}

/// The server of the message: pip names it as host='pypi.org', or as the first part of a URL.
std::string server(const Said& said) {
  std::string host = said.between("host='", "'");
  if (host.empty()) host = said.between("Could not fetch URL https://", "/");
  return host.empty() ? "the package index" : "'" + host + "'";
}

Reading disk_full(const Said& said, const Context& context) {
  if (!said.has("No space left on device") && !said.has("Disk quota exceeded")) return std::nullopt;
  const std::string why = said.has("Disk quota exceeded") ? "the disk quota is used up" : "the disk is full";
  return Error("cannot install " + text::joined(context.names) + ": " + why)
      .hint("pip unpacks in TMPDIR (/tmp) and keeps downloads in ~/.cache/pip; packages go to '" +
            context.env.site().string() + "'")
      .hint("environment: {TMPDIR: /a/larger/disk} unpacks elsewhere, extra_args: --no-cache-dir keeps nothing");
}

Reading wrong_hash(const Said& said, const Context&) {
  if (!said.has("DO NOT MATCH THE HASHES") && !said.has("Hash mismatch") && !said.has("HashMismatch"))
    return std::nullopt;
  const std::string expected = said.between("Expected sha256 ", "\n"), got = said.between("Got        ", "\n");
  Error error("a downloaded package is not the one that was promised: its hash is another one");
  if (!expected.empty()) error.hint("expected sha256 " + expected + (got.empty() ? "" : ", got " + got));
  return std::move(error).hint(
      "a damaged download goes away on a second run; otherwise somebody changed the package: do not install it");
}

Reading certificate(const Said& said, const Context&) {
  if (!said.has("CERTIFICATE_VERIFY_FAILED") && !said.has("SSLError(")) return std::nullopt;
  return Error("the certificate of " + server(said) + " is not accepted")
      .hint("behind a proxy that inspects traffic: environment: {PIP_CERT: /path/to/its/ca.pem}")
      .hint("a wrong clock has the same effect: see `timedatectl`");
}

Reading no_network(const Said& said, const Context& context) {
  if (!network(said)) return std::nullopt;
  return Error("cannot reach " + server(said) + " to install " + text::joined(context.names))
      .hint(
          "check the network, or name an index or proxy that can be reached: index_url, environment: {HTTPS_PROXY: "
          "...}");
}

/// The newest of the versions that pip listed, and those nearest to the one that was asked for.
std::string choice_of(const Strings& offered, const std::string& wanted) {
  std::vector<std::pair<pep440::Version, std::string>> sorted;
  for (const auto& text : offered)
    if (const auto version = pep440::Version::parse(text)) sorted.emplace_back(*version, text);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Strings shown;
  for (std::size_t i = 0; i < sorted.size() && i < 8; ++i) shown.push_back(sorted[i].second);
  const std::size_t rest = sorted.size() - shown.size();
  std::string text = text::joined(shown) + (rest ? " and " + std::to_string(rest) + " older ones" : "");
  Strings names;
  for (const auto& [version, name] : sorted) names.push_back(name);
  const Strings near = nearest(wanted, names, 3);
  if (!near.empty() && std::find(shown.begin(), shown.end(), near.front()) == shown.end())
    text += "; near to it: " + text::joined(near);
  return text;
}

Reading no_such_version(const Said& said, const Context& context) {
  std::string asked = said.between("Could not find a version that satisfies the requirement ", "\n");
  if (asked.empty()) return std::nullopt;
  const auto list = asked.find(" (from versions: ");
  // That of Debian 11, 20.3, does not list them.
  if (list == std::string::npos && asked.find_first_of("<>=!~") != std::string::npos)
    return Error("the package index has nothing for '" + asked + "' and Python " + context.env.version())
        .hint("this pip does not say which versions there are; a newer one does: pip: {name: pip, state: latest}");
  asked.resize(std::min(list, asked.size()));
  const auto name_end = asked.find_first_of("<>=!~ [;(");
  const std::string name = asked.substr(0, name_end);
  const std::string versions = name_end == std::string::npos ? "" : asked.substr(name_end);
  const Strings offered = split(said.between("(from versions: ", ")"), ',');
  const std::string python = "Python " + context.env.version();
  if (offered.empty() || offered.front() == "none") {
    Error error("the package index has no package '" + name + "' for " + python);
    Strings known = known_packages();
    for (const auto& [installed, package] : context.env.packages()) known.push_back(installed);
    if (const auto hint = did_you_mean(pep508::normalized(name), known)) error.hint(*hint);
    error.hint("a name that is right may have nothing that fits this Python or this kind of machine");
    return error;
  }
  Error error("there is no version of '" + name + "' that satisfies '" + versions + "' for " + python);
  error.hint("there are " +
             choice_of(offered, versions.substr(std::min(versions.find_first_not_of("<>=!~ "), versions.size()))));
  if (const auto others =
          said.between("Ignored the following versions that require a different python version: ", "\n");
      !others.empty())
    error.hint("other versions need another Python: " + others.substr(0, 200));
  if (name == "torch" || name == "torchvision" || name == "torchaudio")
    if (const auto plus = versions.find('+'); plus != std::string::npos)
      error.hint("builds with a label are on PyTorch's own index: index_url: https://download.pytorch.org/whl/" +
                 versions.substr(plus + 1));
  return error;
}

Reading conflict(const Said& said, const Context& context) {
  if (!said.has("ResolutionImpossible")) return std::nullopt;
  Error error("the requirements contradict each other: no set of versions fits " + text::joined(context.names));
  for (const auto& line : split(said.between("The conflict is caused by:\n", "\n\n"), '\n')) error.hint(line);
  return error;
}

Reading forbidden(const Said& said, const Context& context) {
  if (!said.has("Permission denied") && !said.has("[Errno 13]")) return std::nullopt;
  std::string where = said.between("Permission denied: '", "'");
  if (where.empty()) where = context.env.site().string();
  return Error("there is no right to write to '" + where + "'")
      .hint("become: true installs for everybody, virtualenv: DIRECTORY for this user");
}

Reading not_built(const Said& said, const Context& context) {
  const bool failed = said.has("Failed building wheel") || said.has("subprocess-exited-with-error") ||
                      said.has("metadata-generation-failed") || said.has("Failed to build");
  if (!failed) return std::nullopt;
  std::string what = said.between("Failed building wheel for ", "\n");
  Error error("'" + (what.empty() ? text::joined(context.names) : what) + "' has to be compiled here, and that failed");
  const bool tools = said.has("Python.h: No such file") || said.has("command 'gcc' failed") ||
                     said.has("gcc: not found") || said.has("unable to execute 'gcc'") ||
                     said.has("x86_64-linux-gnu-gcc") || said.has("g++: not found");
  if (tools && !context.build_packages.empty())
    error.hint("the compiler and Python's headers are in: " + text::joined(context.build_packages));
  if (const auto missing = said.line_with("fatal error: "); !missing.empty()) error.hint(missing);
  return std::move(error).hint("a version with a ready-made wheel for Python " + context.env.version() +
                               " needs no compiler: extra_args: --only-binary=:all: takes only those");
}

Reading not_removable(const Said& said, const Context&) {
  if (!said.has("uninstall-distutils-installed-package") && !said.has("uninstall-no-record-file") &&
      !said.has("It is a distutils installed project") && !said.has("RECORD file not found"))
    return std::nullopt;
  const std::string name = said.between("Cannot uninstall ", " ");
  return Error("pip cannot replace " + (name.empty() ? "a package" : "'" + name + "'") +
               ": it was not installed by pip")
      .hint(
          "virtualenv: DIRECTORY leaves the system's package alone; extra_args: --ignore-installed puts the new one "
          "beside it");
}

Reading other_platform(const Said& said, const Context& context) {
  const std::string wheel = said.between("ERROR: ", " is not a supported wheel on this platform");
  if (wheel.empty() || wheel.find('\n') != std::string::npos) return std::nullopt;
  return Error("the wheel '" + wheel + "' is not for this machine")
      .hint("its name says for which Python and processor it is; here is Python " + context.env.version());
}

Reading managed(const Said& said, const Context& context) {
  if (!said.has("externally-managed-environment")) return std::nullopt;
  return Error("Python " + context.env.version() + " is the distribution's own, and pip is kept out of it (PEP 668)")
      .hint("virtualenv: DIRECTORY, or break_system_packages: true");
}

Reading no_pip(const Said& said, const Context& context) {
  if (!said.has("No module named pip")) return std::nullopt;
  return Error("'" + context.env.python().string() + "' has no pip")
      .hint("venv: {path: ...} gives an environment its pip");
}

/// pip's own last word.
Reading anything(const Said& said, const Context&) {
  std::string last;
  for (const auto& line : split(said.text, '\n'))
    if (line.starts_with("ERROR: ")) last = line.substr(7);
  return last.empty() ? std::nullopt : Reading(Error("pip says: " + last));
}

}  // namespace

bool is_about_the_network(const Output& output) {
  return network({output.err + output.out});
}

std::optional<Error> explained(const Output& output, const Context& context) {
  const Said said{output.err + "\n" + output.out};
  // The order matters: an index that was not reached makes pip say that there is no matching distribution.
  for (const auto& reading : {disk_full, wrong_hash, certificate, no_network, conflict, no_such_version, managed,
                              no_pip, not_removable, other_platform, not_built, forbidden, anything})
    if (auto error = reading(said, context)) return error;
  return std::nullopt;
}

}  // namespace agent::pip
