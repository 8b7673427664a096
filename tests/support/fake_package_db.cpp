#include "fake_package_db.hpp"

#include <algorithm>
#include <chrono>

#include <fnmatch.h>

namespace agent::test {
namespace {

bool names(const Package& package, const std::string& name) {
  const auto colon = name.find(':');
  if (colon == std::string::npos) return fnmatch(name.c_str(), package.name.c_str(), 0) == 0;
  return package.name == name.substr(0, colon) && package.architecture == name.substr(colon + 1);
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

int rank(char c) {
  if (c == '~') return -1;
  if (digit(c) || c == '\0') return 0;
  return std::isalpha(static_cast<unsigned char>(c)) ? c : c + 256;
}

int compare_part(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  const auto at = [](std::string_view s, std::size_t k) { return k < s.size() ? s[k] : '\0'; };
  while (i < a.size() || j < b.size()) {
    while ((i < a.size() && !digit(a[i])) || (j < b.size() && !digit(b[j]))) {
      const int order = rank(at(a, i)) - rank(at(b, j));
      if (order != 0) return order;
      ++i, ++j;
    }
    while (at(a, i) == '0') ++i;
    while (at(b, j) == '0') ++j;
    int first = 0;
    while (digit(at(a, i)) && digit(at(b, j))) {
      if (first == 0) first = a[i] - b[j];
      ++i, ++j;
    }
    if (digit(at(a, i))) return 1;
    if (digit(at(b, j))) return -1;
    if (first != 0) return first;
  }
  return 0;
}

struct Version {
  std::string epoch, upstream, revision;
};
Version split(const std::string& text) {
  Version version{"", text, ""};
  if (const auto colon = text.find(':'); colon != std::string::npos)
    version.epoch = text.substr(0, colon), version.upstream = text.substr(colon + 1);
  if (const auto dash = version.upstream.rfind('-'); dash != std::string::npos)
    version.revision = version.upstream.substr(dash + 1), version.upstream.resize(dash);
  return version;
}

}  // namespace

FakePackageDb& FakePackageDb::installed(std::string name, std::string version, std::string architecture) {
  return record({std::move(name), std::move(version), std::move(architecture)});
}

FakePackageDb& FakePackageDb::record(Package package) {
  for (auto& known : records_)
    if (known.name == package.name &&
        (known.architecture == package.architecture || package.architecture.empty() || known.architecture.empty())) {
      if (package.architecture.empty()) package.architecture = known.architecture;
      known = std::move(package);
      return *this;
    }
  records_.push_back(std::move(package));
  return *this;
}

FakePackageDb& FakePackageDb::provides(std::string provider, std::string name) {
  provided_[std::move(name)].push_back(std::move(provider));
  return *this;
}

FakePackageDb& FakePackageDb::offers(std::string name, Strings versions, std::string architecture) {
  auto& offers = offered_[name];
  for (auto& version : versions) offers.push_back({name, std::move(version), architecture});
  return *this;
}

FakePackageDb& FakePackageDb::refreshed_at(double when) {
  refreshed_ = when;
  return *this;
}

std::vector<Package> FakePackageDb::find(const std::string& name) const {
  std::vector<Package> found;
  for (const auto& package : records_)
    if (names(package, name)) found.push_back(package);
  return found;
}

Strings FakePackageDb::providers(const std::string& name) const {
  Strings found;
  if (const auto provided = provided_.find(name); provided != provided_.end())
    for (const auto& provider : provided->second)
      for (const auto& package : find(provider))
        if (package.state == Package::State::installed) found.push_back(provider);
  return found;
}

std::vector<Package> FakePackageDb::candidates(const std::string& name) const {
  if (name.find_first_of("*?[") != std::string::npos) {
    std::vector<Package> first;
    // dnf also takes a version behind the name.
    const auto matches = [&](const Package& package) {
      return names(package, name) ||
             (manager_ == "dnf" && fnmatch(name.c_str(), (package.name + "-" + package.version).c_str(), 0) == 0);
    };
    for (const auto& [offered, versions] : offered_)
      if (const auto found = std::find_if(versions.begin(), versions.end(), matches); found != versions.end())
        first.push_back(*found);
    return first;
  }
  const auto colon = name.find(':');
  const auto offers = offered_.find(name.substr(0, colon));
  std::vector<Package> found;
  if (offers == offered_.end()) return found;
  for (const auto& package : offers->second)
    if (names(package, name)) found.push_back(package);
  return found;
}

Strings FakePackageDb::similar(const std::string& name) const {
  Strings known;
  for (const auto& [offered, versions] : offered_) known.push_back(offered);
  for (const auto& package : records_) known.push_back(package.name);
  return nearest(name, known, 5);
}

std::vector<Package> FakePackageDb::interrupted() const {
  std::vector<Package> found;
  for (const auto& package : records_)
    if (package.state != Package::State::installed && package.state != Package::State::config_files)
      found.push_back(package);
  return found;
}

int FakePackageDb::compare(const std::string& a, const std::string& b) const {
  const Version left = split(a), right = split(b);
  if (const int order = compare_part(left.epoch, right.epoch)) return order;
  if (const int order = compare_part(left.upstream, right.upstream)) return order;
  return compare_part(left.revision, right.revision);
}

void FakePackageDb::perform(const InstallPackages& action) {
  for (const auto& package : action.afterwards) record(package);
  if (!action.afterwards.empty()) return;
  for (const auto& request : action.requests) {
    const auto cut = request.find_first_of("=/");
    const std::string name = request.substr(0, cut);
    const auto offers = candidates(name);
    if (offers.empty()) throw Error("no package '" + name + "' is offered");
    Package package = offers.front();
    if (cut != std::string::npos && request[cut] == '=') package.version = request.substr(cut + 1);
    record(package);
  }
}

void FakePackageDb::perform(const RemovePackages& action) {
  const bool leaves_configuration = manager_ == "apt" && !action.options.purge;
  for (const auto& name : action.names) {
    if (leaves_configuration)
      for (auto& package : records_)
        package.state = names(package, name) ? Package::State::config_files : package.state;
    else
      std::erase_if(records_, [&](const Package& package) { return names(package, name); });
  }
}

void FakePackageDb::perform(const UpgradePackages& action) {
  for (const auto& package : action.afterwards) record(package);
}

void FakePackageDb::perform(const RefreshPackageIndex&) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  refreshed_ = std::chrono::duration<double>(now).count();
}

void FakePackageDb::perform(const RepairPackages&) {
  for (auto& package : records_)
    if (package.state != Package::State::config_files) package.state = Package::State::installed;
}

void FakePackageDb::perform(const TidyPackages&) {}

void FakePackageDb::perform(const HoldPackages& action) {
  for (const auto& name : action.names)
    for (auto& package : records_)
      if (names(package, name)) package.held = action.hold;
}

}  // namespace agent::test
