#include <algorithm>

#include <agent/sdk/package_forecast.hpp>
#include <agent/sdk/package_index.hpp>
#include <agent/sdk/package_offers.hpp>

#include "apt.hpp"

namespace agent::apt {

namespace {

using State = WantedPackages::State;

bool upgrades(const Want& want) {
  return want.upgrade != "no" || (want.state == "latest" && want.name == Strings{"*"});
}

// Whether the answer depends on what the repositories offer right now, not only on what is missing.
bool wants_the_newest(const Want& want) {
  return upgrades(want) || want.state == "latest" || want.state == "build-dep";
}

// A repository that was added after the index was fetched is not in it.
bool sources_are_newer(const Host& host) {
  const double fetched = host.packages().refreshed();
  double newest = 0;
  const auto look = [&](const Path& path) {
    if (const auto info = host.stat(path)) newest = std::max(newest, info->modification_time);
  };
  look("/etc/apt/sources.list");
  for (const std::string& name : host.list("/etc/apt/sources.list.d"))
    if (name.ends_with(".list") || name.ends_with(".sources")) look(Path("/etc/apt/sources.list.d") / name);
  return newest > fetched;
}

WantedPackages wanted_packages(const Want& want) {
  WantedPackages wanted;
  for (const std::string& text : want.name) wanted.requests.push_back(package_request(text));
  wanted.state = want.state == "latest"                              ? State::latest
                 : want.state == "absent" || want.state == "removed" ? State::absent
                                                                     : State::present;
  wanted.options = options_of(want);
  return wanted;
}

std::vector<Package> after(const std::vector<PackageMove>& moves) {
  std::vector<Package> packages;
  for (const PackageMove& move : moves)
    if (!move.removed) packages.push_back(move.package);
  return packages;
}

void plan_fixing(const Want& want, const Host& host, Plan& plan) {
  PackageOptions asked = options_of(want);
  asked.extra = {"--fix-broken"};
  const PackageForecast forecast = forecast_apt(host, "install", asked, {});
  plan_moves(forecast.moves, host, RepairPackages{asked.lock_timeout}, plan);
}

void plan_build_dependencies(const Want& want, const Host& host, bool may_become_possible, Plan& plan) {
  const PackageForecast forecast = forecast_apt(host, "build-dep", options_of(want), want.name);
  if (!forecast.refusal.empty() && !may_become_possible) throw refused(forecast.refusal, {}, host);
  if (forecast.unknown)
    plan.notes.push_back("what is needed for building is only known once the changes before it are made");
  InstallPackages action{.afterwards = after(forecast.moves), .options = options_of(want)};
  for (const PackageMove& move : forecast.moves)
    if (!move.removed) action.requests.push_back(move.package.name + "=" + move.package.version);
  plan_moves(forecast.moves, host, action, plan);
}

void plan_cleaning(const Want& want, const Host& host, Plan& plan) {
  std::size_t files = 0;
  for (const std::string& name : host.list("/var/cache/apt/archives")) files += name.ends_with(".deb") ? 1 : 0;
  if (files == 0) return;
  TidyPackages action;
  action.autoremove = false;
  action.clean = true;
  action.lock_timeout = std::chrono::seconds(want.lock_timeout);
  plan.steps.push_back(
      {{{"downloaded packages", std::to_string(files) + (files == 1 ? " file" : " files"), std::nullopt}}, {action}});
}

// Each line "Del vim 2:9.0-1 [1,500 kB]" is a file that would go.
void plan_autocleaning(const Host& host, Plan& plan) {
  const Output output = host.query(
      {.argv = {"apt-get", "-s", "-q", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "autoclean"}});
  Step step;
  Exec exec{.argv = {"apt-get", "-y", "-q", "autoclean"}, .title = "removing outdated package files"};
  exec.effects.complete = true;
  for (std::size_t begin = 0; begin < output.out.size();) {
    const auto end = std::min(output.out.find('\n', begin), output.out.size());
    const std::string line = output.out.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with("Del ")) continue;
    const auto size = line.rfind(" [");
    step.changes.push_back(
        {"package file " + line.substr(4, size == std::string::npos ? size : size - 4), "outdated", {}});
  }
  if (step.changes.empty()) return;
  step.actions.push_back(exec);
  plan.steps.push_back(std::move(step));
}

void refuse_removals(const Want& want, const Plan& plan) {
  if (!want.fail_on_autoremove || want.state == "absent") return;
  for (const Step& step : plan.steps)
    for (const Change& change : step.changes)
      if (change.before && !change.after && change.subject.starts_with("package "))
        throw Error(change.subject + " would be removed").hint("fail_on_autoremove: false allows it");
}

void plan_work(const Want& want, const Host& host, bool may_become_possible, Plan& plan) {
  const PackageOptions options = options_of(want);
  const bool full = want.upgrade == "full" || want.upgrade == "dist";
  if (upgrades(want))
    plan_upgrades(full ? UpgradePackages::Kind::full : UpgradePackages::Kind::safe, options, may_become_possible, host,
                  plan);
  if (!want.deb.empty()) plan_deb(want, options, may_become_possible, host, plan);
  if (want.state == "build-dep") {
    plan_build_dependencies(want, host, may_become_possible, plan);
  } else if (!want.name.empty() && want.name != Strings{"*"}) {
    WantedPackages wanted = wanted_packages(want);
    wanted.may_become_possible = may_become_possible;
    if (want.state == "fixed") plan_fixing(want, host, plan);
    plan_packages(wanted, host, plan);
  }
  refuse_removals(want, plan);
}

}  // namespace

Plan DebianApt::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  for (const std::string& text : want.name)
    if (text != "*") package_request(text);
  Plan plan;
  const auto lock_timeout = std::chrono::seconds(want.lock_timeout);
  const bool names_given = !want.name.empty(), work = names_given || !want.deb.empty() || upgrades(want);
  const IndexRules rules{.asked = want.update_cache.value_or(false) || want.cache_valid_time > 0,
                         .valid = std::chrono::seconds(want.cache_valid_time),
                         .sources_are_newer = sources_are_newer(host)};
  const bool never = !index_age(host), old = rules.asked && index_is_old(rules, host);

  const bool removes = want.state == "absent" || want.state == "removed";
  plan_repair(host, lock_timeout, removes ? want.name : Strings{}, plan);
  Plan wanted;
  plan_work(want, host, old || never || !plan.empty(), wanted);
  const bool needs_index = !wanted.empty() && !removes;
  if (work && ((old && (needs_index || wants_the_newest(want) || want.cache_valid_time > 0)) || (never && needs_index)))
    plan.steps.push_back(refresh_step(host, refresh_of(want), false));
  if (!work && rules.asked && (want.cache_valid_time == 0 || old))
    plan.steps.push_back(refresh_step(host, refresh_of(want), true));
  plan.steps.insert(plan.steps.end(), wanted.steps.begin(), wanted.steps.end());
  plan.notes.insert(plan.notes.end(), wanted.notes.begin(), wanted.notes.end());

  if (want.autoremove && !names_given) plan_autoremoval(options_of(want), host, plan);
  if (want.autoclean) plan_autocleaning(host, plan);
  if (want.clean) plan_cleaning(want, host, plan);
  if (want.force_apt_get) plan.notes.push_back("force_apt_get is ignored: apt-get is always used");
  plan.result.set("cache_updated", false);
  plan.result.set("cache_update_time", static_cast<std::int64_t>(host.packages().refreshed()));
  return plan;
}

}  // namespace agent::apt
