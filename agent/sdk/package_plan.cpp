#include <algorithm>
#include <set>

#include <fnmatch.h>

#include <agent/sdk/package_offers.hpp>
#include <agent/sdk/package_plan.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

using State = WantedPackages::State;

std::optional<Package> installed(const PackageDb& db, const std::string& name) {
  for (const Package& package : db.find(name))
    if (package.state != Package::State::config_files) return package;
  return std::nullopt;
}

std::string shown_version(const std::string& version) {
  return version.empty() ? "newest" : version;
}

// ---- what is there already ----------------------------------------------------------------------------------------

/// One request that something is to be done about, and what is there of it.
struct Asked {
  PackageRequest request;
  std::optional<Package> present;
};

// A glob stands for every package that it matches; one that also says a version ("git-2.4*", which dnf understands) for
// that version of it, and is handed on as it was written.
std::vector<PackageRequest> expanded(const WantedPackages& wanted, const PackageDb& db) {
  std::vector<PackageRequest> requests;
  for (const PackageRequest& request : wanted.requests) {
    if (!request.is_glob()) {
      requests.push_back(request);
      continue;
    }
    std::set<std::string> names;
    bool any = false;
    for (const Package& package : db.find(request.name)) names.insert(package.name);
    if (wanted.state != State::absent)
      for (const Package& package : db.candidates(request.name)) {
        any = true;
        if (fnmatch(request.name.c_str(), package.name.c_str(), 0) == 0)
          names.insert(package.name);
        else
          requests.push_back({.text = request.text, .name = package.name, .version = package.version});
      }
    if (names.empty() && !any && wanted.state != State::absent && !wanted.may_become_possible)
      throw Error("no package matches '" + request.name + "'")
          .hint("renew the index with update_cache: true, or check the name");
    for (const std::string& name : names)
      requests.push_back({.text = name + request.text.substr(request.name.size()),
                          .name = name,
                          .version = request.version,
                          .release = request.release});
  }
  return requests;
}

std::vector<Asked> not_as_wanted(const WantedPackages& wanted, const PackageDb& db, Plan& plan) {
  std::vector<Asked> asked;
  for (const PackageRequest& request : expanded(wanted, db)) {
    const auto present = installed(db, request.name);
    if (!present && request.version.empty()) {
      if (const Strings providers = db.providers(request.name); !providers.empty()) {
        plan.notes.push_back("'" + request.name + "' is provided by " + text::listed(providers));
        continue;
      }
    }
    if (!present && wanted.options.only_upgrade) {
      plan.notes.push_back("'" + request.name + "' is not installed, so there is nothing to upgrade");
      continue;
    }
    if (present && wanted.state == State::present && request.takes(present->version)) continue;
    asked.push_back({request, present});
  }
  return asked;
}

// ---- what is not allowed ------------------------------------------------------------------------------------------

void refuse_what_is_not_allowed(const Asked& asked, const std::string& version, const PackageOptions& options,
                                const PackageDb& db) {
  if (!asked.present || version.empty()) return;
  const Package& present = *asked.present;
  const std::string what = "package '" + present.name + "' ";
  if (present.held && !options.allow_held)
    throw Error(what + "is held at " + present.version + ", and " + version + " is wanted")
        .hint(db.manager() == "apt"
                  ? "set allow_change_held_packages: true, or release it with: apt-mark unhold " + present.name
                  : "release it with: dnf versionlock delete " + present.name)
        .about("name");
  if (db.compare(version, present.version) < 0 && !options.allow_downgrade)
    throw Error(what + "is at " + present.version + ", and " + version + " is older")
        .hint("set allow_downgrade: true to go back")
        .about("name");
}

// ---- changes ------------------------------------------------------------------------------------------------------

Change change_of(const PackageMove& move) {
  if (move.removed) return {"package " + move.package.name, move.before, std::nullopt};
  return {"package " + move.package.name, move.before, shown_version(move.package.version)};
}

// What the overlay promised already does not move again.
bool is_so_already(const PackageMove& move, const PackageDb& db) {
  const auto present = installed(db, move.package.name);
  if (move.removed) return !present;
  // What was promised before its version could be known is the newest.
  return present && (present->version == move.package.version || present->version.empty());
}

/// The step under construction.
struct Installation {
  Step step;
  InstallPackages action;
  std::set<std::string> counted;  ///< names whose move is shown already
};

void add_asked(const Asked& asked, const PackageMove* move, const WantedPackages& wanted, const PackageDb& db,
               Installation& into) {
  const std::string name = asked.request.name;
  std::optional<std::string> before;
  if (asked.present) before = asked.present->version;
  const std::string version = move ? move->package.version : "";
  refuse_what_is_not_allowed(asked, version, wanted.options, db);
  into.step.changes.push_back({"package " + name, before, shown_version(version)});
  into.action.requests.push_back(asked.request.text);
  into.counted.insert(move ? move->package.name : name);
  if (move) into.action.afterwards.push_back(move->package);
}

// New packages that come along are told in one line; what was there and changes or goes is a change of its own.
void add_company(const std::vector<PackageMove>& moves, const PackageDb& db, Installation& into, Plan& plan) {
  Strings along;
  for (const PackageMove& move : moves) {
    if (into.counted.contains(move.package.name) || is_so_already(move, db)) continue;
    if (!move.removed) into.action.afterwards.push_back(move.package);
    if (move.removed || move.before)
      into.step.changes.push_back(change_of(move));
    else
      along.push_back(move.package.name);
  }
  if (!along.empty()) plan.notes.push_back("comes along: " + text::listed(along));
}

// The forecast could not be had: what the repositories offer has to do.
std::optional<PackageMove> guess(const Asked& asked, const PackageDb& db) {
  PackageMove move;
  move.package.name = asked.request.name.substr(0, asked.request.name.find(':'));
  move.package.version = asked.request.version.find_first_of("*?[") == std::string::npos ? asked.request.version : "";
  if (asked.present) move.before = asked.present->version;
  try {
    for (const Package& offered : db.candidates(asked.request.name))
      if (asked.request.takes(offered.version)) {
        move.package = offered;
        break;
      }
  } catch (const Unknown&) {
    // It may come to exist with the index that is fetched first.
  }
  if (asked.present && (move.package.version.empty() || move.package.version == asked.present->version))
    return std::nullopt;
  return move;
}

void plan_without_forecast(const std::vector<Asked>& asked, const WantedPackages& wanted, const Host& host,
                           Plan& plan) {
  Installation into;
  for (const Asked& one : asked) {
    const auto move = guess(one, host.packages());
    if (!move) {
      plan.notes.push_back("whether '" + one.request.name + "' is the newest is not known before the index is fetched");
      continue;
    }
    add_asked(one, &*move, wanted, host.packages(), into);
  }
  if (into.step.changes.empty()) return;
  into.action.options = wanted.options;
  into.step.actions.push_back(std::move(into.action));
  plan.steps.push_back(std::move(into.step));
}

// Whether check mode only promised what may bring one of them: a repository, or a fetched index.
bool may_be_offered_then(const std::vector<Asked>& asked, const PackageDb& db) {
  try {
    for (const Asked& one : asked) {
      if (!db.candidates(one.request.name).empty() && one.request.text != one.request.name)
        db.candidates(one.request.text);  // the name is offered, and this version of it is not
    }
  } catch (const Unknown&) {
    return true;
  }
  return false;
}

void plan_installation(const WantedPackages& wanted, const Host& host, Plan& plan) {
  const PackageDb& db = host.packages();
  const std::vector<Asked> asked = not_as_wanted(wanted, db, plan);
  if (asked.empty()) return;
  std::vector<PackageRequest> requests;
  requests.reserve(asked.size());
  for (const Asked& one : asked) requests.push_back(one.request);
  const PackageForecast forecast = forecast_installation(host, requests, wanted.options);
  if (forecast.unknown) return plan_without_forecast(asked, wanted, host, plan);
  if (!forecast.refusal.empty()) {
    if (wanted.may_become_possible || may_be_offered_then(asked, db))
      return plan_without_forecast(asked, wanted, host, plan);
    throw refused(forecast.refusal, requests, host);
  }
  Installation into;
  for (const Asked& one : asked) {
    const PackageMove* move = forecast.find(one.request.name);
    if (move && is_so_already(*move, db)) continue;
    if (!move && one.present && (wanted.state == State::latest || one.request.takes(one.present->version))) continue;
    add_asked(one, move, wanted, db, into);
  }
  if (into.step.changes.empty()) return;
  add_company(forecast.moves, db, into, plan);
  into.action.options = wanted.options;
  into.step.actions.push_back(std::move(into.action));
  plan.steps.push_back(std::move(into.step));
}

void plan_removal(const WantedPackages& wanted, const Host& host, Plan& plan) {
  const PackageDb& db = host.packages();
  Step step;
  RemovePackages action{.options = wanted.options};
  std::set<std::string> counted;
  for (const PackageRequest& request : expanded(wanted, db)) {
    bool any = false;
    for (const Package& package : db.find(request.name)) {
      const bool left_over = package.state == Package::State::config_files;
      if ((left_over && !wanted.options.purge) || !request.takes(package.version)) continue;
      any = true;
      if (!counted.insert(package.name).second) continue;
      step.changes.push_back(left_over ? Change{"configuration of package " + package.name, "left over", std::nullopt}
                                       : Change{"package " + package.name, package.version, std::nullopt});
      action.names.push_back(request.name);
    }
    if (const Strings providers = any ? Strings{} : db.providers(request.name); !providers.empty())
      plan.notes.push_back("'" + request.name + "' is only provided, by " + text::listed(providers) +
                           ": nothing is removed");
  }
  if (action.names.empty()) return;
  const PackageForecast forecast = forecast_removal(host, action.names, wanted.options);
  if (!forecast.refusal.empty() && !wanted.may_become_possible) throw refused(forecast.refusal, wanted.requests, host);
  for (const PackageMove& move : forecast.moves)
    if (!counted.contains(move.package.name) && !is_so_already(move, db)) step.changes.push_back(change_of(move));
  step.actions.push_back(std::move(action));
  plan.steps.push_back(std::move(step));
}

std::string_view name_of(Package::State state) {
  switch (state) {
    case Package::State::installed:
      return "waiting for triggers";
    case Package::State::half_installed:
      return "half installed";
    case Package::State::half_configured:
      return "half configured";
    case Package::State::unpacked:
      return "unpacked";
    case Package::State::config_files:
      return "only its configuration left";
  }
  return "unknown";
}

}  // namespace

void plan_packages(const WantedPackages& wanted, const Host& host, Plan& plan) {
  if (wanted.state == State::absent)
    plan_removal(wanted, host, plan);
  else
    plan_installation(wanted, host, plan);
}

void plan_repair(const Host& host, std::chrono::seconds lock_timeout, const Strings& removed, Plan& plan) {
  Step step;
  for (const Package& package : host.packages().interrupted()) {
    if (std::find(removed.begin(), removed.end(), package.name) != removed.end()) continue;
    step.changes.push_back({"package " + package.name, std::string(name_of(package.state)), "installed"});
  }
  if (step.changes.empty()) return;
  plan.notes.push_back("an interrupted run of the package manager is repaired first");
  step.actions.push_back(RepairPackages{lock_timeout});
  plan.steps.push_back(std::move(step));
}

void plan_upgrades(UpgradePackages::Kind kind, const PackageOptions& options, bool may_become_possible,
                   const Host& host, Plan& plan) {
  const PackageForecast forecast = forecast_upgrades(host, kind, options);
  if (!forecast.refusal.empty() && !may_become_possible) throw refused(forecast.refusal, {}, host);
  if (forecast.unknown) plan.notes.push_back("what can be upgraded is only known once the changes before it are made");
  UpgradePackages action{.kind = kind, .options = options};
  for (const PackageMove& move : forecast.moves)
    if (!move.removed) action.afterwards.push_back(move.package);
  plan_moves(forecast.moves, host, action, plan);
}

void plan_autoremoval(const PackageOptions& options, const Host& host, Plan& plan) {
  const PackageForecast forecast = forecast_autoremoval(host, options);
  if (!forecast.refusal.empty()) throw refused(forecast.refusal, {}, host);
  if (forecast.unknown)
    plan.notes.push_back("what is not needed any more is only known once the changes before it are made");
  TidyPackages action;
  action.purge = options.purge;
  action.lock_timeout = options.lock_timeout;
  plan_moves(forecast.moves, host, action, plan);
}

void plan_moves(const std::vector<PackageMove>& moves, const Host& host, Action action, Plan& plan) {
  Step step;
  for (const PackageMove& move : moves)
    if (!is_so_already(move, host.packages())) step.changes.push_back(change_of(move));
  if (step.changes.empty()) return;
  step.actions.push_back(std::move(action));
  plan.steps.push_back(std::move(step));
}

}  // namespace agent
