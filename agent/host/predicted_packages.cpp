#include <algorithm>
#include <chrono>

#include <fnmatch.h>

#include <agent/host/predicted_packages.hpp>

namespace agent {
namespace {

bool is_pattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

/// "name", "name:arch" or a glob of either.
bool names(const std::string& wanted, const Package& package) {
  const auto colon = wanted.find(':');
  const std::string name = wanted.substr(0, colon);
  if (colon != std::string::npos && wanted.substr(colon + 1) != package.architecture) return false;
  return is_pattern(name) ? ::fnmatch(name.c_str(), package.name.c_str(), 0) == 0 : name == package.name;
}

bool is_file(const std::string& request) {
  return !request.empty() && (request[0] == '/' || request.find("://") != std::string::npos);
}

/// Packages that add a repository call themselves so.
bool names_a_source(const std::string& name) {
  return name.find("-release") != std::string::npos || name.find("keyring") != std::string::npos ||
         name.find("-repo") != std::string::npos;
}

}  // namespace

void PredictedPackages::perform(const InstallPackages& action) {
  for (const auto& package : action.afterwards) record(package);
  for (const auto& request : action.requests) {
    brings_sources_ |= is_file(request) || names_a_source(request);
    if (is_file(request)) continue;
    const std::string name = request.substr(0, request.find_first_of("=/"));
    const bool told = std::any_of(action.afterwards.begin(), action.afterwards.end(),
                                  [&](const Package& package) { return names(name, package); });
    if (!told && !is_pattern(name)) record({name.substr(0, name.find(':')), "", ""});
  }
}

void PredictedPackages::perform(const RemovePackages& action) {
  const bool leaves_configuration = manager() == "apt" && !action.options.purge;
  for (const auto& wanted : action.names)
    for (const auto& found : find(wanted)) {
      auto& all = records(found.name);
      const auto is_meant = [&](const Package& package) { return names(wanted, package); };
      if (!leaves_configuration) all.erase(std::remove_if(all.begin(), all.end(), is_meant), all.end());
      for (auto& package : all)
        if (is_meant(package)) package.state = Package::State::config_files;
    }
}

void PredictedPackages::perform(const UpgradePackages& action) {
  for (const auto& package : action.afterwards) record(package);
}

void PredictedPackages::perform(const RefreshPackageIndex&) {
  refreshed_ = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void PredictedPackages::perform(const RepairPackages&) {
  for (const auto& package : interrupted())
    for (auto& record : records(package.name))
      if (record.state != Package::State::config_files) record.state = Package::State::installed;
  repaired_ = true;
}

void PredictedPackages::perform(const TidyPackages&) {}  // which are not needed any more only the manager knows

void PredictedPackages::perform(const HoldPackages& action) {
  for (const auto& wanted : action.names)
    for (const auto& found : find(wanted))
      for (auto& package : records(found.name))
        if (names(wanted, package)) package.held = action.hold;
}

Strings PredictedPackages::changed() const {
  Strings changed;
  for (const auto& [name, packages] : records_) changed.push_back(name);
  return changed;
}

std::vector<Package> PredictedPackages::find(const std::string& name) const {
  if (records_.empty()) return base_().find(name);
  std::vector<Package> found;
  if (!is_pattern(name)) {
    const auto known = records_.find(name.substr(0, name.find(':')));
    if (known == records_.end()) return base_().find(name);
  } else {
    for (auto& package : base_().find(name))
      if (records_.count(package.name) == 0) found.push_back(std::move(package));
  }
  for (const auto& [changed, packages] : records_)
    for (const auto& package : packages)
      if (names(name, package)) found.push_back(package);
  return found;
}

Strings PredictedPackages::providers(const std::string& name) const {
  Strings providers = base_().providers(name);
  const auto is_gone = [this](const std::string& provider) {
    const auto known = records_.find(provider);
    return known != records_.end() &&
           std::none_of(known->second.begin(), known->second.end(),
                        [](const Package& package) { return package.state == Package::State::installed; });
  };
  providers.erase(std::remove_if(providers.begin(), providers.end(), is_gone), providers.end());
  return providers;
}

std::vector<Package> PredictedPackages::candidates(const std::string& name) const {
  auto offered = base_().candidates(name);
  if (!offered.empty()) return offered;
  const std::string start = "whether there is a package '" + name + "' depends on ";
  if (const auto doubt = doubt_()) throw Unknown(start + *doubt);
  if (brings_sources_) throw Unknown(start + "the package sources that an earlier task would install");
  if (refreshed_) throw Unknown(start + "the package index, which check mode did not fetch");
  return offered;
}

std::vector<Package> PredictedPackages::interrupted() const {
  if (repaired_) return {};
  auto all = base_().interrupted();
  const auto is_changed = [this](const Package& package) { return records_.count(package.name) != 0; };
  all.erase(std::remove_if(all.begin(), all.end(), is_changed), all.end());
  return all;
}

std::vector<Package>& PredictedPackages::records(const std::string& name) {
  const auto known = records_.find(name);
  if (known != records_.end()) return known->second;
  return records_[name] = base_().find(name);
}

void PredictedPackages::record(const Package& package) {
  auto& all = records(package.name);
  const auto same = std::find_if(all.begin(), all.end(), [&](const Package& known) {
    return package.architecture.empty() || known.architecture.empty() || known.architecture == package.architecture;
  });
  if (same == all.end()) {
    all.push_back(package);
    return;
  }
  const std::string architecture = package.architecture.empty() ? same->architecture : package.architecture;
  *same = package;
  same->architecture = architecture;
}

}  // namespace agent
