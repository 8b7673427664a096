#include "dnf.hpp"

#include <algorithm>

#include <agent/sdk/package_index.hpp>

namespace agent::dnf {

namespace {

using State = WantedPackages::State;

constexpr Variant variants[] = {{"fedora", variant<Dnf>}, {"rhel", variant<Dnf>}, {"centos", variant<Dnf>}};

PackageOptions options_of(const Want& want) {
  PackageOptions options;
  options.dpkg_options.clear();
  if (!want.install_weak_deps) options.recommends = false;
  options.allow_downgrade = want.allow_downgrade;
  options.allow_unauthenticated = want.disable_gpg_check;
  options.only_upgrade = want.update_only;
  options.autoremove = want.autoremove;
  options.lock_timeout = std::chrono::seconds(want.lock_timeout);
  const auto add = [&](bool wanted, std::string word) {
    if (wanted) options.extra.push_back(std::move(word));
  };
  for (const std::string& name : want.disablerepo) add(true, "--disablerepo=" + name);
  for (const std::string& name : want.enablerepo) add(true, "--enablerepo=" + name);
  for (const std::string& name : want.exclude) add(true, "--exclude=" + name);
  add(!want.disable_excludes.empty(), "--disableexcludes=" + want.disable_excludes);
  add(!want.releasever.empty(), "--releasever=" + want.releasever);
  add(!want.conf_file.empty(), "--config=" + want.conf_file);
  add(want.allowerasing, "--allowerasing");
  add(want.skip_broken, "--skip-broken");
  add(want.nobest, "--nobest");
  add(want.cacheonly, "--cacheonly");
  add(want.download_only, "--downloadonly");
  add(want.security, "--security");
  add(want.bugfix, "--bugfix");
  add(!want.validate_certs || !want.sslverify, "--setopt=sslverify=0");
  return options;
}

State state_of(const Want& want) {
  if (want.state == "latest") return State::latest;
  return want.state == "absent" || want.state == "removed" ? State::absent : State::present;
}

bool is_address(const std::string& text) {
  return text.find("://") != std::string::npos;
}

bool is_file(const std::string& text) {
  return text.ends_with(".rpm") && (text.starts_with("/") || is_address(text));
}

// ---- package files
// ----------------------------------------------------------------------------------------------------

// "nginx-1.24.0-1.fc40.x86_64.rpm", by the convention of every repository.
std::optional<Package> from_file_name(std::string file) {
  file = file.substr(0, file.find_first_of("?#"));
  file = file.substr(file.rfind('/') + 1);
  file.resize(file.size() - 4);
  const auto dot = file.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  Package package{.name = file.substr(0, dot), .architecture = file.substr(dot + 1)};
  const auto release = package.name.rfind('-');
  const auto version = release == std::string::npos || release == 0 ? release : package.name.rfind('-', release - 1);
  if (version == std::string::npos || version == 0) return std::nullopt;
  package.version = package.name.substr(version + 1);
  package.name.resize(version);
  return package;
}

Package from_header(const std::string& file, const Host& host) {
  if (!host.stat(file))
    throw Error("the package file '" + file + "' does not exist").hint("copy it to the machine first").about("name");
  const Output output = host.query({.argv = {"rpm", "-qp", "--nosignature", "--qf",
                                             "%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\n", "--", file}});
  if (!output.unknown.empty()) throw Unknown(output.unknown);
  const auto first = output.out.find('\t'), second = output.out.rfind('\t');
  if (output.rc != 0 || first == std::string::npos || first == second)
    throw Error("'" + file + "' is no rpm package: " + output.err.substr(0, output.err.find('\n'))).about("name");
  Package package{.name = output.out.substr(0, first),
                  .version = output.out.substr(first + 1, second - first - 1),
                  .architecture = output.out.substr(second + 1, output.out.find('\n') - second - 1)};
  if (package.version.starts_with("0:")) package.version.erase(0, 2);
  return package;
}

void plan_file(const std::string& file, const Want& want, const Host& host, Plan& plan) {
  const auto named = is_address(file) ? from_file_name(file) : std::optional(from_header(file, host));
  if (!named)
    throw Error("which package '" + file + "' holds cannot be told from the address")
        .about("name")
        .hint("fetch it with get_url first, and give the path of the file");
  std::optional<std::string> before;
  for (const Package& present : host.packages().find(named->name)) {
    const auto colon = present.version.find(':');
    const bool bare = is_address(file) && colon != std::string::npos;  // an address does not name the epoch
    const int order =
        host.packages().compare(bare ? present.version.substr(colon + 1) : present.version, named->version);
    if (order == 0 || (order > 0 && !want.allow_downgrade)) return;
    before = present.version;
  }
  plan.steps.push_back({{{"package " + named->name, before, named->version}},
                        {InstallPackages{.requests = {file}, .afterwards = {*named}, .options = options_of(want)}}});
}

// ---- groups
// -----------------------------------------------------------------------------------------------------------

// dnf 4 lists "   Development Tools (development-tools)", dnf 5 "development-tools    Development Tools    yes".
bool group_is_listed(const std::string& text, const std::string& group) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    line.erase(0, line.find_first_not_of(' '));
    if (line.starts_with(group + " ") || line.ends_with("(" + group + ")") || line == group) return true;
  }
  return false;
}

void plan_groups(const Strings& groups, const Want& want, const Host& host, Plan& plan) {
  if (groups.empty()) return;
  const bool dnf5 = host.stat("/usr/bin/dnf5").has_value();
  Strings argv = dnf5 ? Strings{"dnf5", "-C", "-q", "group", "list", "--installed"}
                      : Strings{"dnf", "-C", "-q", "group", "list", "--installed", "--hidden", "--ids"};
  const Output output = host.query({.argv = argv});
  if (!output.unknown.empty()) throw Unknown(output.unknown);
  Step step;
  Strings names;
  const bool absent = state_of(want) == State::absent;
  for (const std::string& name : groups) {
    if (group_is_listed(output.out, name.substr(1)) != absent) continue;
    const std::optional<std::string> there = "installed";
    step.changes.push_back({"group " + name.substr(1), absent ? there : std::nullopt, absent ? std::nullopt : there});
    names.push_back(name);
  }
  if (names.empty()) return;
  step.actions.push_back(absent ? Action(RemovePackages{names, options_of(want)})
                                : Action(InstallPackages{.requests = names, .options = options_of(want)}));
  plan.steps.push_back(std::move(step));
}

/// The names by their kind.
struct Sorted {
  Strings groups, files;
  WantedPackages packages;
};

Sorted sorted(const Want& want, const PackageDb& db) {
  Sorted sorted;
  sorted.packages.state = state_of(want);
  sorted.packages.options = options_of(want);
  for (const std::string& name : want.name)
    if (name.starts_with("@"))
      sorted.groups.push_back(name);
    else if (is_file(name))
      sorted.files.push_back(name);
    else if (is_address(name))
      throw Error("'" + name + "' is no address of a package: it does not end in .rpm").about("name");
    else
      sorted.packages.requests.push_back(dnf_package_request(name, db));
  return sorted;
}

}  // namespace

Plan Dnf::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  if (!want.releasever.empty() && want.releasever[0] == '-')
    throw Error("'" + want.releasever + "' is no release").about("releasever");
  Plan plan, work;
  const auto lock_timeout = std::chrono::seconds(want.lock_timeout);
  plan_repair(host, lock_timeout, {}, plan);
  const IndexRules rules{.asked = want.update_cache};
  const bool old = rules.asked && index_is_old(rules, host), names_given = !want.name.empty();
  const bool everything = state_of(want) == State::latest && want.name == Strings{"*"};
  if (everything) {
    const auto kind = want.allowerasing ? UpgradePackages::Kind::full : UpgradePackages::Kind::safe;
    plan_upgrades(kind, options_of(want), old || !plan.empty(), host, work);
  } else if (names_given) {
    Sorted names = sorted(want, host.packages());
    names.packages.may_become_possible = old || !plan.empty();
    plan_groups(names.groups, want, host, work);
    for (const std::string& file : names.files) plan_file(file, want, host, work);
    plan_packages(names.packages, host, work);
  }
  if (rules.asked && (names_given ? old && (!work.empty() || state_of(want) == State::latest) : true))
    plan.steps.push_back(refresh_step(host, {.lock_timeout = lock_timeout}, !names_given));
  plan.steps.insert(plan.steps.end(), work.steps.begin(), work.steps.end());
  plan.notes.insert(plan.notes.end(), work.notes.begin(), work.notes.end());
  if (want.autoremove && !names_given) plan_autoremoval(options_of(want), host, plan);
  if (host.system().id != "fedora")
    plan.notes.push_back("'" + host.system().name + "' is served as Fedora is, but not tested");
  return plan;
}

Outcome Dnf::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  std::string out, err;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      outcome.outputs.push_back(host.perform(action));
      out += outcome.outputs.back().out;
      err += outcome.outputs.back().err;
    }
  outcome.result.set("stdout", out);
  outcome.result.set("stderr", err);
  return outcome;
}

}  // namespace agent::dnf

AGENT_MODULE(agent::dnf::arguments, agent::dnf::variants)
