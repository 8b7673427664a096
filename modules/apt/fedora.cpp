#include <algorithm>

#include <agent/sdk/package_index.hpp>

#include "apt.hpp"

namespace agent::apt {

namespace {

using State = WantedPackages::State;

std::string listed(const Strings& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

void refuse_what_dnf_has_not(const Want& want) {
  if (!want.deb.empty())
    throw Error("a Debian package file cannot be installed on this system")
        .about("deb")
        .hint("use dnf with the .rpm of the same program, for example when: ansible_pkg_mgr == 'dnf'");
  if (want.state == "build-dep" || want.state == "fixed")
    throw Error("state '" + want.state + "' has no counterpart in dnf").about("state");
  if (!want.default_release.empty())
    throw Error("dnf knows no releases to prefer")
        .about("default_release")
        .hint("name the version, or enable another repository");
}

// Each name as it is called here; a version stays only with a name that stays.
WantedPackages translated(const Want& want, const PackageDb& db, Plan& plan) {
  WantedPackages wanted;
  wanted.state = want.state == "latest"                              ? State::latest
                 : want.state == "absent" || want.state == "removed" ? State::absent
                                                                     : State::present;
  wanted.options = options_of(want);
  wanted.options.dpkg_options.clear();
  // Two names may mean one package there: python3-venv is part of python3, which is mostly asked for as well.
  const auto add = [&](const std::string& text) {
    const bool is_asked = std::any_of(wanted.requests.begin(), wanted.requests.end(),
                                      [&](const PackageRequest& request) { return request.text == text; });
    if (!is_asked) wanted.requests.push_back(dnf_package_request(text, db));
  };
  for (const std::string& text : want.name) {
    const PackageRequest request = package_request(text);
    if (!request.release.empty())
      throw Error("dnf does not know releases, as in '" + text + "'")
          .about("name")
          .hint("name the version, or the package alone");
    const Strings names = fedora_names(request.name);
    if (names == Strings{request.name}) {
      add(text);
      continue;
    }
    plan.notes.push_back("'" + request.name + "' " +
                         (names.empty() ? "is not needed here" : "is called " + listed(names) + " here"));
    for (const std::string& name : names) add(name);
  }
  return wanted;
}

}  // namespace

Plan FedoraApt::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  refuse_what_dnf_has_not(want);
  Plan plan;
  plan.notes.push_back("carried out with dnf");
  const auto lock_timeout = std::chrono::seconds(want.lock_timeout);
  const PackageOptions options = options_of(want);
  const IndexRules rules{.asked = want.update_cache.value_or(false) || want.cache_valid_time > 0,
                         .valid = std::chrono::seconds(want.cache_valid_time)};
  plan_repair(host, lock_timeout, {}, plan);
  Plan work;
  // An index that is not there or old is fetched by dnf itself, at the time it is needed.
  const bool may_become_possible = rules.asked || !plan.empty();
  const bool everything = want.state == "latest" && want.name == Strings{"*"};
  if (want.upgrade != "no" || everything) {
    const bool full = want.upgrade == "full" || want.upgrade == "dist";
    plan_upgrades(full ? UpgradePackages::Kind::full : UpgradePackages::Kind::safe, options, may_become_possible, host,
                  work);
  }
  if (!want.name.empty() && !everything) {
    WantedPackages wanted = translated(want, host.packages(), work);
    wanted.may_become_possible = rules.asked && index_is_old(rules, host);
    plan_packages(wanted, host, work);
  }
  const bool asks = !want.name.empty() || want.upgrade != "no";
  if (rules.asked && index_is_old(rules, host) && (!asks || !work.empty() || want.state == "latest"))
    plan.steps.push_back(refresh_step(host, refresh_of(want), !asks));
  plan.steps.insert(plan.steps.end(), work.steps.begin(), work.steps.end());
  plan.notes.insert(plan.notes.end(), work.notes.begin(), work.notes.end());
  if (want.autoremove && want.name.empty()) plan_autoremoval(options, host, plan);
  if (want.clean || want.autoclean)
    plan.notes.push_back("dnf keeps no packages after installing them, so none are cleaned away");
  plan.result.set("cache_updated", false);
  plan.result.set("cache_update_time", static_cast<std::int64_t>(host.packages().refreshed()));
  return plan;
}

}  // namespace agent::apt
