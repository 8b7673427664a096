#include <algorithm>

#include <agent/sdk/package_index.hpp>
#include <agent/sdk/pinned_packages.hpp>

namespace agent {

namespace {

Strings names_of(const std::vector<PackageRequest>& requests) {
  Strings names;
  for (const PackageRequest& request : requests) names.push_back(request.name);
  return names;
}

bool is_held(const PackageDb& db, const std::string& name) {
  const auto present = installed_package(db, name);
  return present && present->held;
}

// Which of them an installation in this plan touches.
Strings moved(const Plan& work, const Strings& names) {
  Strings found;
  for (const Step& step : work.steps)
    for (const Change& change : step.changes)
      for (const std::string& name : names)
        if (change.subject == "package " + name) found.push_back(name);
  return found;
}

// dnf offers nothing else of a package that is locked, so the lock goes first; apt is told that it may.
void release_first(const Strings& names, const PackageDb& db, Plan& work) {
  if (db.manager() != "dnf" || work.steps.empty()) return;
  Strings locked;
  for (const std::string& name : names)
    if (is_held(db, name)) locked.push_back(name);
  if (!locked.empty())
    work.steps.front().actions.insert(work.steps.front().actions.begin(), HoldPackages{locked, false});
}

// dnf 5 locks by itself, dnf 4 with a plugin that is a package of its own.
void require_locks(const Host& host) {
  if (host.packages().manager() != "dnf" || host.stat("/usr/bin/dnf5") ||
      host.stat("/etc/dnf/plugins/versionlock.conf"))
    return;
  throw Error("dnf cannot lock packages here: its plugin for that is missing")
      .hint("install python3-dnf-plugin-versionlock first, or say hold: false")
      .about("hold");
}

void plan_holds(const PinnedPackages& wanted, const Host& host, Plan& work) {
  const PackageDb& db = host.packages();
  const Strings names = names_of(wanted.requests), moving = moved(work, names);
  Step step;
  HoldPackages action{.hold = wanted.hold};
  for (const std::string& name : names) {
    const bool held = is_held(db, name);
    const bool moves = std::find(moving.begin(), moving.end(), name) != moving.end();
    if (!moves && !installed_package(db, name)) continue;  // something else provides it
    if (held != wanted.hold) {
      const std::optional<std::string> is = "held";
      step.changes.push_back({"hold of package " + name, held ? is : std::nullopt, held ? std::nullopt : is});
    }
    if (held != wanted.hold || (wanted.hold && moves)) action.names.push_back(name);
  }
  if (action.names.empty()) return;
  require_locks(host);
  if (step.changes.empty()) {
    work.steps.back().actions.push_back(std::move(action));
    return;
  }
  step.actions.push_back(std::move(action));
  work.steps.push_back(std::move(step));
}

void append(Plan& plan, Plan&& more) {
  for (Step& step : more.steps) plan.steps.push_back(std::move(step));
  for (std::string& note : more.notes) plan.notes.push_back(std::move(note));
}

}  // namespace

PackageRequest pinned_request(const std::string& name, const std::string& version) {
  return package_request(version.empty() ? name : name + "=" + version);
}

std::optional<Package> installed_package(const PackageDb& db, const std::string& name) {
  for (const Package& package : db.find(name))
    if (package.state != Package::State::config_files) return package;
  return std::nullopt;
}

std::vector<Package> offered_packages(const PackageDb& db, const std::string& name, bool* unknown) {
  try {
    return db.candidates(name);
  } catch (const Unknown&) {
    if (unknown) *unknown = true;
    return {};
  }
}

void plan_pinned_packages(const PinnedPackages& wanted, const Host& host, Plan& plan) {
  const PackageDb& db = host.packages();
  plan_repair(host, wanted.lock_timeout, {}, plan);
  const bool never_fetched = !index_age(host);
  bool promised = false;  // check mode only promised the repository or the index that may have them
  for (const PackageRequest& request : wanted.requests) offered_packages(db, request.name, &promised);
  WantedPackages packages{.requests = wanted.requests, .options = wanted.options};
  packages.options.allow_held = true;
  packages.options.allow_downgrade = wanted.allow_downgrade;
  packages.options.lock_timeout = wanted.lock_timeout;
  packages.may_become_possible = never_fetched || promised || !plan.empty();
  Plan work;
  plan_packages(packages, host, work);
  if (never_fetched && !work.empty())
    plan.steps.push_back(refresh_step(host, RefreshPackageIndex{.lock_timeout = wanted.lock_timeout}, false));
  release_first(names_of(wanted.requests), db, work);
  plan_holds(wanted, host, work);
  append(plan, std::move(work));
}

void plan_pinned_removal(const Strings& names, const Host& host, Plan& plan) {
  const PackageDb& db = host.packages();
  WantedPackages packages{.state = WantedPackages::State::absent};
  Strings held;
  for (const std::string& name : names)
    for (const Package& package : db.find(name)) {
      if (package.state == Package::State::config_files) continue;
      packages.requests.push_back(package_request(package.name));
      if (package.held) held.push_back(package.name);
    }
  if (packages.requests.empty()) return;
  packages.options.allow_held = true;
  Plan work;
  plan_packages(packages, host, work);
  if (!held.empty() && !work.steps.empty())
    work.steps.front().actions.insert(work.steps.front().actions.begin(), HoldPackages{held, false});
  append(plan, std::move(work));
}

}  // namespace agent
