#include <map>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/package_forecast.hpp>
#include <agent/sdk/package_offers.hpp>

#include "apt.hpp"

namespace agent::apt {

namespace {

bool is_address(const std::string& deb) {
  return deb.starts_with("http://") || deb.starts_with("https://") || deb.starts_with("ftp://");
}

// "%2b" and the like, as addresses write what they may not hold.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      try {
        plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        continue;
      } catch (const std::exception&) {
      }
    }
    plain += text[i];
  }
  return plain;
}

// The convention of every archive: NAME_VERSION_ARCH.deb. The version lacks its epoch there.
std::optional<Package> from_file_name(const std::string& address) {
  std::string name = address.substr(0, address.find_first_of("?#"));
  name = unescaped(name.substr(name.rfind('/') + 1));
  if (!name.ends_with(".deb")) return std::nullopt;
  name.resize(name.size() - 4);
  const auto first = name.find('_'), second = name.rfind('_');
  if (second == first) return std::nullopt;  // "latest.deb": what is in it only the file says
  Package package{.name = name.substr(0, first)};
  package.version = name.substr(first + 1, second - first - 1);
  package.architecture = name.substr(second + 1);
  return package;
}

// What the file itself says. dpkg-deb writes "Field: value" when asked for several.
Package from_control(const std::string& deb, const Host& host) {
  if (!host.stat(deb))
    throw Error("the package file '" + deb + "' does not exist").hint("copy it to the machine first").about("deb");
  const Output output = host.query({.argv = {"dpkg-deb", "-f", deb, "Package", "Version", "Architecture"}});
  if (!output.unknown.empty()) throw Unknown(output.unknown);
  std::map<std::string, std::string> fields;
  for (std::size_t begin = 0; begin < output.out.size();) {
    const auto end = std::min(output.out.find('\n', begin), output.out.size());
    const std::string line = output.out.substr(begin, end - begin);
    if (const auto colon = line.find(": "); colon != std::string::npos)
      fields[line.substr(0, colon)] = line.substr(colon + 2);
    begin = end + 1;
  }
  if (output.rc != 0 || fields["Package"].empty())
    throw Error("'" + deb + "' is no Debian package: " + output.err.substr(0, output.err.find('\n'))).about("deb");
  return {.name = fields["Package"], .version = fields["Version"], .architecture = fields["Architecture"]};
}

// ---- a file whose address does not name it ------------------------------------------------------------------------

constexpr const char* kept_files = "/var/cache/agent/packages";

Path kept_file(const std::string& address) {
  return Path(kept_files) / (checksum(Digest::sha256, address) + ".deb");
}

// What was fetched last; nothing when there is none that can be read.
std::optional<Package> kept_package(const Path& file, const Host& host) {
  try {
    return host.stat(file) ? std::optional(from_control(file, host)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// apt's own downloader goes on where it was cut off, and fetches nothing again that is still the same.
Step fetch_step(const std::string& address, const Path& file) {
  Exec fetch{.argv = {"/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30", "-o",
                      "Acquire::https::Timeout=30", "download-file", address, file.string()},
             .directory = "/",
             .title = "downloading " + address};
  fetch.effects.complete = true;  // a cache of ours: no task looks there
  return {.changes = {{"package file " + address, std::nullopt, "fetched now"}},
          .actions = {MakeDirectory{kept_files, {.mode = 0700}}, std::move(fetch)},
          .renewal = true};
}

std::string without_epoch(const std::string& version) {
  const auto colon = version.find(':');
  return colon == std::string::npos ? version : version.substr(colon + 1);
}

bool looks_like_a_version(const std::string& text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

// Whether what is installed is as new as the file; where the file's version is not known, any will do.
bool is_satisfied(const Package& wanted, const Package& present, bool from_address, const Want& want, const Host& host,
                  Plan& plan) {
  if (from_address && !looks_like_a_version(wanted.version)) {
    plan.notes.push_back("'" + wanted.name + "' is installed in version " + present.version +
                         "; which one the address holds is not known before it is fetched");
    return true;
  }
  const bool epochless = from_address && wanted.version.find(':') == std::string::npos;
  const std::string version = epochless ? without_epoch(present.version) : present.version;
  const int order = host.packages().compare(version, wanted.version);
  if (order > 0 && !(want.allow_downgrade || want.force)) {
    plan.notes.push_back("'" + wanted.name + "' is installed in the later version " + present.version);
    return true;
  }
  return order == 0;
}

}  // namespace

void plan_deb(const Want& want, const PackageOptions& options, bool may_become_possible, const Host& host, Plan& plan) {
  const bool address = is_address(want.deb);
  if (!address && !want.deb.starts_with("/"))
    throw Error("'" + want.deb + "' is neither an absolute path nor an address")
        .about("deb")
        .hint("write /path/to/file.deb");
  auto named = address ? from_file_name(want.deb) : std::optional(from_control(want.deb, host));
  const bool is_named = address && named;
  const std::string file = address && !named ? kept_file(want.deb).string() : want.deb;
  if (!named) {
    plan.steps.push_back(fetch_step(want.deb, file));
    named = kept_package(file, host);
  }
  if (!named) {
    plan.steps.push_back({{{"package at " + want.deb, std::nullopt, "installed"}},
                          {InstallPackages{.requests = {want.deb}, .options = options}}});
    plan.notes.push_back("which package the address holds is only known once it is fetched");
    return;
  }
  std::optional<std::string> before;
  for (const Package& present : host.packages().find(named->name)) {
    if (present.state == Package::State::config_files) continue;
    if (is_satisfied(*named, present, is_named, want, host, plan)) return;
    before = present.version;
  }
  const bool known = !is_named || looks_like_a_version(named->version);
  Step step{.changes = {{"package " + named->name, before, known ? named->version : "the version at the address"}}};
  InstallPackages action{.requests = {file}, .afterwards = {*named}, .options = options};
  if (!known) action.afterwards[0].version.clear();
  if (!is_named) {
    const PackageForecast forecast = forecast_apt(host, "install", options, {file});
    if (!forecast.refusal.empty() && !may_become_possible) throw refused(forecast.refusal, {}, host);
    for (const PackageMove& move : forecast.moves) {
      if (move.package.name == named->name) continue;
      if (!move.removed) action.afterwards.push_back(move.package);
      if (move.removed || move.before) {
        std::optional<std::string> then;
        if (!move.removed) then = move.package.version;
        step.changes.push_back({"package " + move.package.name, move.before, then});
      }
    }
  }
  step.actions.push_back(std::move(action));
  plan.steps.push_back(std::move(step));
}

}  // namespace agent::apt
