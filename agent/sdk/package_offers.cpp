#include <algorithm>
#include <regex>

#include <agent/sdk/package_offers.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// ---- dnf: nobody may ask it to simulate but root, so the offers are read ------------------------------------------

Output repoquery(const Host& host, Strings words) {
  Strings argv = {host.stat("/usr/bin/dnf5") ? "dnf5" : "dnf",
                  "-C",
                  "-q",
                  "repoquery",
                  "--available",
                  "--qf",
                  "%{name}\t%{evr}\t%{arch}\n"};
  argv.insert(argv.end(), words.begin(), words.end());
  // What is on offer is so whatever check mode promised; what is upgraded or not needed depends on it.
  const bool offers = std::find(words.begin(), words.end(), "--available") != words.end();
  return host.query({.argv = argv, .deadline = std::chrono::seconds(120), .as_it_is = offers});
}

std::vector<Package> packages_of(const std::string& text) {
  std::vector<Package> packages;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const auto first = line.find('\t'), second = line.rfind('\t');
    if (first == std::string::npos || first == second) continue;
    Package package{.name = line.substr(0, first),
                    .version = line.substr(first + 1, second - first - 1),
                    .architecture = line.substr(second + 1)};
    if (package.version.starts_with("0:")) package.version.erase(0, 2);
    packages.push_back(std::move(package));
  }
  return packages;
}

// What the packages need, and what that needs, as far as it is not there yet.
void add_requirements(const Host& host, const Strings& names, PackageForecast& forecast) {
  Strings words = {"--available", "--requires", "--resolve", "--recursive", "--"};
  if (host.stat("/usr/bin/dnf5")) words = {"--available", "--providers-of=requires", "--recursive", "--"};
  words.insert(words.end(), names.begin(), names.end());
  const Output output = repoquery(host, words);
  if (output.rc != 0 || !output.unknown.empty()) return;
  for (const Package& package : packages_of(output.out)) {
    const bool foreign = package.architecture != host.system().architecture && package.architecture != "noarch";
    if (foreign || forecast.find(package.name) || !host.packages().find(package.name).empty()) continue;
    forecast.moves.push_back({package, std::nullopt, false});
  }
}

bool fits(const PackageRequest& request, const Package& offered) {
  if (request.version.empty()) return true;
  const std::string version = offered.version.substr(0, offered.version.rfind('-'));
  return request.takes(offered.version) || request.takes(version);
}

PackageForecast forecast_dnf(const Host& host, const std::vector<PackageRequest>& requests) {
  const PackageDb& db = host.packages();
  PackageForecast forecast;
  Strings names;
  try {
    for (const PackageRequest& request : requests) {
      if (request.name.starts_with("@")) continue;
      const std::vector<Package> offers = db.candidates(request.name);
      const auto offer = std::find_if(offers.begin(), offers.end(), [&](const Package& p) { return fits(request, p); });
      if (offer == offers.end()) {
        // An index that was never fetched says nothing; dnf fetches it itself.
        if (db.refreshed() > 0) forecast.refusal += "No match for argument: " + request.text + "\n";
        continue;
      }
      PackageMove move{.package = *offer};
      for (const Package& present : db.find(offer->name)) {
        move.before = present.version;
        if (present.version == offer->version) move.removed = true;  // nothing to do
      }
      if (move.removed) continue;
      forecast.moves.push_back(move);
      if (!move.before) names.push_back(offer->name);
    }
  } catch (const Unknown&) {
    forecast.unknown = true;
    return forecast;
  }
  if (!names.empty() && forecast.refusal.empty()) add_requirements(host, names, forecast);
  return forecast;
}

// The packages that repoquery lists with these words, as moves of what is installed.
PackageForecast listed_moves(const Host& host, Strings words, bool removed) {
  PackageForecast forecast;
  const Output output = repoquery(host, std::move(words));
  if (!output.unknown.empty()) forecast.unknown = true;
  if (output.rc != 0) forecast.refusal = output.err.empty() ? "dnf does not answer" : output.err;
  for (const Package& package : packages_of(output.out)) {
    PackageMove move{package, std::nullopt, removed};
    for (const Package& present : host.packages().find(package.name)) move.before = present.version;
    if (const PackageMove* known = forecast.find(package.name); known && !removed) {
      if (host.packages().compare(known->package.version, package.version) >= 0) continue;
      std::erase_if(forecast.moves, [&](const PackageMove& m) { return m.package.name == package.name; });
    }
    forecast.moves.push_back(std::move(move));
  }
  return forecast;
}

// ---- why not --------------------------------------------------------------------------------------------------------

Error no_such_package(const std::string& name, const Host& host) {
  Error error("no package '" + name + "' is offered by the repositories of this machine");
  if (const Strings names = host.packages().similar(name); !names.empty())
    error.hint(names.size() == 1 ? "did you mean '" + names[0] + "'?" : "names that exist: " + text::listed(names));
  error.hint(
      "if it is new, renew the index with update_cache: true; if it is from elsewhere, add its repository first");
  return std::move(error).about("name");
}

Error no_such_version(const std::string& name, const std::string& version, const Host& host) {
  Error error("package '" + name + "' has no version '" + version + "'");
  Strings versions;
  for (const Package& offered : host.packages().candidates(name)) versions.push_back(offered.version);
  if (!versions.empty())
    error.hint((versions.size() == 1 ? "the version that exists: " : "versions that exist: ") + text::listed(versions));
  return std::move(error).about("name");
}

// The indented names below "Package x is a virtual package provided by:".
Strings providers_of(const std::string& refusal) {
  static const std::regex provider{"\\n  (\\S+) \\S+"};
  Strings names;
  const auto begin = refusal.find("is a virtual package provided by:");
  if (begin == std::string::npos) return names;
  const std::string rest = refusal.substr(refusal.find('\n', begin));
  for (std::sregex_iterator it(rest.begin(), rest.end(), provider), end; it != end; ++it) names.push_back((*it)[1]);
  return names;
}

Error unmet(const std::string& refusal) {
  static const std::regex line{"\\n (\\S+ : .+(?:\\n {2,}\\S.*)*)"};
  std::smatch found;
  Error error("these packages cannot be installed together with what is there");
  if (std::regex_search(refusal, found, line)) {
    std::string reason = std::regex_replace(found[1].str(), std::regex("\\s+"), " ");
    error = Error("packages cannot be installed: " + reason);
  }
  error.hint("another version or repository may fit; held packages count too (apt-mark showhold)");
  return error;
}

std::string first_complaint(const std::string& refusal) {
  const auto begin = refusal.starts_with("E: ") ? 0 : refusal.find("\nE: ");
  if (begin == std::string::npos) return refusal.substr(0, refusal.find('\n'));
  const auto start = refusal.find("E: ", begin) + 3;
  return refusal.substr(start, refusal.find('\n', start) - start);
}

}  // namespace

PackageForecast forecast_installation(const Host& host, const std::vector<PackageRequest>& requests,
                                      const PackageOptions& options) {
  if (host.packages().manager() != "apt") return forecast_dnf(host, requests);
  Strings operands;
  for (const PackageRequest& request : requests) operands.push_back(request.text);
  return forecast_apt(host, "install", options, operands);
}

PackageForecast forecast_removal(const Host& host, const Strings& names, const PackageOptions& options) {
  if (host.packages().manager() != "apt") return {};
  PackageOptions asked = options;
  asked.purge = false;
  asked.only_upgrade = false;
  return forecast_apt(host, options.purge ? "purge" : "remove", asked, names);
}

PackageForecast forecast_upgrades(const Host& host, UpgradePackages::Kind kind, const PackageOptions& options) {
  if (host.packages().manager() != "apt") return listed_moves(host, {"--upgrades"}, false);
  PackageOptions asked = options;
  asked.only_upgrade = false;
  return forecast_apt(host, kind == UpgradePackages::Kind::full ? "dist-upgrade" : "upgrade", asked, {});
}

PackageForecast forecast_autoremoval(const Host& host, const PackageOptions& options) {
  if (host.packages().manager() != "apt") return listed_moves(host, {"--installed", "--unneeded"}, true);
  PackageOptions asked = options;
  asked.autoremove = asked.only_upgrade = false;
  return forecast_apt(host, "autoremove", asked, {});
}

Error refused(const std::string& refusal, const std::vector<PackageRequest>& requests, const Host& host) {
  static const std::regex package{"E: Unable to locate package (\\S+)"};
  static const std::regex argument{"No match for argument: (\\S+)"};
  static const std::regex version{"E: Version '([^']*)' for '([^']*)' was not found"};
  static const std::regex release{"E: Release '([^']*)' for '([^']*)' was not found"};
  static const std::regex candidate{"E: Package '([^']*)' has no installation candidate"};
  std::smatch found;
  if (std::regex_search(refusal, found, version)) return no_such_version(found[2], found[1], host);
  if (std::regex_search(refusal, found, package)) return no_such_package(found[1], host);
  if (std::regex_search(refusal, found, argument)) {
    for (const PackageRequest& request : requests)
      if (request.text == found[1] && !request.version.empty() && !host.packages().candidates(request.name).empty())
        return no_such_version(request.name, request.version, host);
    return no_such_package(found[1], host);
  }
  if (std::regex_search(refusal, found, release))
    return Error("package '" + found[2].str() + "' is not in a release '" + found[1].str() + "'")
        .hint("the release must be in /etc/apt/sources.list or sources.list.d, and its index fetched")
        .about("name");
  if (std::regex_search(refusal, found, candidate)) {
    const Strings providers = providers_of(refusal);
    if (providers.empty()) return no_such_package(found[1], host);
    return Error("'" + found[1].str() + "' is a virtual package that several packages provide")
        .hint("name one of them: " + text::listed(providers, 12))
        .about("name");
  }
  if (has(refusal, "unmet dependencies") || has(refusal, "held broken packages")) return unmet(refusal);
  return Error("the package manager refuses: " + first_complaint(refusal));
}

}  // namespace agent
