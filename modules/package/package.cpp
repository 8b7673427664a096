#include "package.hpp"

#include <agent/sdk/package_index.hpp>

namespace agent::package {

namespace {

using State = WantedPackages::State;

constexpr Variant variants[] = {{"debian", variant<AnyPackage>},
                                {"ubuntu", variant<AnyPackage>},
                                {"fedora", variant<AnyPackage>},
                                {"any", variant<AnyPackage>}};

State state_of(const Want& want) {
  if (want.state == "latest") return State::latest;
  return want.state == "absent" || want.state == "removed" ? State::absent : State::present;
}

void check_manager(const Want& want, const Host& host) {
  const std::string manager = host.packages().manager();
  if (manager.empty())
    throw Error("'" + host.system().name + "' has no package manager that agent knows").hint("it knows apt and dnf");
  const bool same =
      want.use == manager || (manager == "dnf" && (want.use == "yum" || want.use == "dnf5" || want.use == "dnf4"));
  if (want.use != "auto" && !same)
    throw Error("this machine has " + manager + ", not " + want.use)
        .about("use")
        .hint("leave 'use' out: the native manager is taken");
}

}  // namespace

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("package", "Installs, upgrades and removes packages with the machine's own package manager.")
          .description(
              "The names are those of the machine's distribution: nothing is translated. `apt` and `dnf` have more "
              "arguments; `apt` on Fedora knows what the most common packages are called there.")
          .required("name", &Want::name,
                    "packages, as the machine's package manager spells them, with a version or without")
          .optional("state", &Want::state,
                    "`present`: installed in any version; `latest`: in the newest offered; `absent`")
          .choices({"present", "installed", "latest", "absent", "removed"})
          .optional("use", &Want::use, "the package manager to insist on: `apt` or `dnf`")
          .optional("update_cache", &Want::update_cache,
                    "fetch the index of the repositories where something has to be installed")
          .optional("lock_timeout", &Want::lock_timeout, "seconds to wait for another package manager")
          .example("The same everywhere", "- package: {name: [git, rsync]}")
          .example("Gone", "- package: {name: telnet, state: absent}");
  return spec;
}

Plan AnyPackage::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  check_manager(want, host);
  const PackageDb& db = host.packages();
  const bool apt = db.manager() == "apt";
  const auto lock_timeout = std::chrono::seconds(want.lock_timeout);
  WantedPackages wanted;
  wanted.state = state_of(want);
  wanted.options.lock_timeout = lock_timeout;
  for (const std::string& name : want.name)
    wanted.requests.push_back(apt ? package_request(name) : dnf_package_request(name, db));
  Plan plan, work;
  plan_repair(host, lock_timeout, wanted.state == State::absent ? want.name : Strings{}, plan);
  const bool old = want.update_cache && index_is_old({.asked = true}, host), never = apt && !index_age(host);
  wanted.may_become_possible = old || never || !plan.empty();
  plan_packages(wanted, host, work);
  const bool needs_index = wanted.state != State::absent && (!work.empty() || (old && wanted.state == State::latest));
  if ((old || never) && needs_index) plan.steps.push_back(refresh_step(host, {.lock_timeout = lock_timeout}, false));
  plan.steps.insert(plan.steps.end(), work.steps.begin(), work.steps.end());
  plan.notes.insert(plan.notes.end(), work.notes.begin(), work.notes.end());
  return plan;
}

}  // namespace agent::package

AGENT_MODULE(agent::package::arguments, agent::package::variants)
