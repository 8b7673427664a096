#include "nvidia_driver.hpp"

#include <algorithm>

#include <agent/sdk/text.hpp>

namespace agent::nvidia_driver {

namespace {

constexpr Variant variants[] = {{"ubuntu", variant<UbuntuDriver>}, {"debian", variant<DebianDriver>},
                                {"fedora", variant<FedoraDriver>}, {"rhel", variant<RhelDriver>},
                                {"centos", variant<RhelDriver>},   {"rocky", variant<RhelDriver>},
                                {"almalinux", variant<RhelDriver>}};

void refuse_what_no_package_can_mend(const Want& want, const Machine& machine) {
  if (machine.cards.empty() && !want.without_card)
    throw Error("there is no NVIDIA card on the PCI bus of this machine")
        .hint(
            "in a virtual machine the card has to be passed through; without_card: true installs a driver all the "
            "same");
  if (!machine.uninstaller.empty())
    throw Error("a driver is here that NVIDIA's .run installer put there ('" + machine.uninstaller + "')")
        .hint("packages and it overwrite each other's files: remove it first with nvidia-uninstall");
}

void refuse_a_source(const Want& want, const Strings& sources, const Host& host) {
  if (std::find(sources.begin(), sources.end(), want.source) != sources.end()) return;
  throw Error("on " + host.system().name + " no driver comes from '" + want.source + "'")
      .hint("it comes from: " + text::joined(sources))
      .about("source");
}

bool is_enrolled(const std::string& certificate, const Host& host) {
  if (certificate.empty()) return false;
  const Output said = host.query({.argv = {"mokutil", "--test-key", certificate}});
  return said.unknown.empty() && said.out.find("already enrolled") != std::string::npos;
}

// A module that nobody trusted signs leaves a machine without a screen after the next start.
void refuse_modules_that_would_not_load(const Want& want, const Option& option, const Machine& machine,
                                        const Host& host) {
  if (!machine.secure_boot.value_or(false) || !option.is_built || want.secure_boot == "proceed") return;
  if (is_enrolled(machine.signing_key, host)) return;
  Error error("Secure Boot is on, and modules that are compiled here would not be loaded: their key is not enrolled");
  if (host.system().id == "ubuntu")
    error.hint("with one of Ubuntu's own kernels, build: prebuilt takes modules that Canonical signed");
  error.hint(machine.signing_key.empty()
                 ? "make a key first (update-secureboot-policy --new-key, on Fedora kmodgenca), and enrol it"
                 : "enrol it: mokutil --import " + machine.signing_key +
                       "; the next start asks for the password at the console");
  error.hint("secure_boot: proceed installs it all the same");
  throw std::move(error).about("secure_boot");
}

bool moves_a_driver(const Plan& plan) {
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions)
      if (std::holds_alternative<InstallPackages>(action) || std::holds_alternative<RemovePackages>(action))
        return true;
  return false;
}

void refuse_to_pull_it_away(const Want& want, const Machine& machine, const std::string& wanted, const Plan& plan) {
  if (!machine.is_in_use || want.in_use == "replace" || want.reboot == "if_needed" || !moves_a_driver(plan)) return;
  if (machine.loaded == wanted) return;
  throw Error("driver " + machine.loaded + " is loaded and in use" +
              (wanted.empty() ? "" : ", and " + wanted + " would replace its files"))
      .hint("until the machine starts anew, programs that begin to use the card would fail (library mismatch)")
      .hint("stop what uses it, or say reboot: if_needed, or in_use: replace")
      .about("in_use");
}

Strings reasons_to_reboot(const Machine& machine, const std::string& installed) {
  if (installed.empty()) return {};
  Strings reasons;
  if (machine.has_nouveau) reasons.push_back("nouveau is loaded and has the card");
  if (!machine.loaded.empty() && machine.loaded != installed)
    reasons.push_back("module " + machine.loaded + " is loaded, " + installed + " is installed");
  if (machine.loaded.empty() && !machine.has_nouveau)
    reasons.push_back("the module is not loaded yet (without a reboot: modprobe nvidia)");
  return reasons;
}

Map registered(const Machine& machine) {
  List cards;
  for (const Card& card : machine.cards)
    cards.push_back(Map{{"slot", card.slot}, {"device", card.device}, {"architecture", architecture_of(card.device)}});
  Map result{{"cards", cards}, {"loaded", machine.loaded}};
  result.set("secure_boot", machine.secure_boot ? Value(*machine.secure_boot) : Value());
  return result;
}

void plan_reboot(const Want& want, const Strings& reasons, Plan& plan) {
  plan.result.set("reboot_needed", !reasons.empty());
  plan.result.set("reboot_reasons", reasons);
  if (reasons.empty()) return;
  if (want.reboot == "never") return plan.notes.push_back("a reboot is needed: " + text::joined(reasons));
  Exec exec{.argv = {"shutdown", "-r", "+1", "agent: the NVIDIA driver needs it"}, .title = "rebooting in one minute"};
  exec.effects.complete = true;
  plan.steps.push_back(
      {.changes = {{"reboot", std::nullopt, text::joined(reasons)}}, .actions = {exec}, .event = true});
}

void plan_absence(const Want& want, const Machine& machine, const Host& host, Plan& plan) {
  plan_pinned_removal(driver_packages(host.packages()), host, plan);
  refuse_to_pull_it_away(want, machine, "", plan);
  plan_nouveau_again(host, plan);
  Strings reasons;
  if (!machine.loaded.empty()) reasons.push_back("module " + machine.loaded + " is still loaded");
  plan_reboot(want, reasons, plan);
}

// What DKMS compiles against. A kernel that is not the distribution's has none in its repositories.
void refuse_a_kernel_without_headers(const Strings& names, const Host& host) {
  const PackageDb& db = host.packages();
  if (db.refreshed() <= 0) return;
  for (const std::string& name : names) {
    bool unknown = false;
    if (installed_package(db, name) || !offered_packages(db, name, &unknown).empty() || unknown) continue;
    throw Error("the headers of the running kernel are not offered: there is no package '" + name + "'")
        .hint("boot a kernel of the distribution, or the newest one that is installed, and try again")
        .hint("headers: false leaves them to you")
        .about("headers");
  }
}

// In check mode an earlier task may have promised the repository: then nobody knows what it has.
void doubt_what_is_promised(const Host& host) {
  bool unknown = false;
  offered_packages(host.packages(), "nvidia-driver", &unknown);
  if (unknown) throw Unknown("which drivers there are is known once the repository of an earlier task was added");
}

void check_text(const Want& want) {
  const auto digits = [](const std::string& text, const char* more) {
    return text.find_first_not_of(std::string("0123456789") + more) == std::string::npos;
  };
  if (!want.branch.empty() && (!digits(want.branch, "") || want.branch.size() > 4))
    throw Error("'" + want.branch + "' is no branch of the driver")
        .hint("write its number alone: 580; see flavour for servers")
        .about("branch");
  if (!want.minimum.empty() && !digits(want.minimum, "."))
    throw Error("'" + want.minimum + "' is no version of the driver").hint("write 550.54.14").about("minimum");
}

}  // namespace

Plan NvidiaDriver::check(const Args& args, const Host& host) const {
  Want want = arguments().read(args);
  check_text(want);
  if (want.source.empty()) want.source = default_source();
  refuse_a_source(want, sources(), host);
  const Machine machine = look(host);
  Plan plan;
  plan.result = registered(machine);
  if (want.state == "absent") {
    plan_absence(want, machine, host, plan);
    return plan;
  }
  refuse_what_no_package_can_mend(want, machine);
  for (const Card& card : machine.cards)
    if (architecture_of(card.device).empty())
      plan.notes.push_back("card " + card.device + " is not one that this agent knows: it is taken for a recent one");
  const std::vector<Option> offered = options(want, host);
  if (offered.empty()) doubt_what_is_promised(host);
  const Option option = chosen(want, limits_of(machine.cards), offered, machine);
  plan.result.set("modules", option.open ? "open" : "proprietary");

  Plan work;
  prepare(want, option, host, work);
  PinnedPackages packages{.hold = want.hold};
  if (want.headers && option.is_built) {
    refuse_a_kernel_without_headers(headers(host), host);
    for (const std::string& name : headers(host)) packages.requests.push_back(package_request(name));
  }
  for (const std::string& name : option.packages) packages.requests.push_back(package_request(name));
  plan_pinned_packages(packages, host, work);
  if (moves_a_driver(work)) refuse_modules_that_would_not_load(want, option, machine, host);
  refuse_to_pull_it_away(want, machine, option.version, work);
  if (!machine.half_installed.empty())
    plan.notes.push_back("an interrupted run left the driver half installed: " + text::joined(machine.half_installed));
  for (Step& step : work.steps) plan.steps.push_back(std::move(step));
  for (std::string& note : work.notes) plan.notes.push_back(std::move(note));
  if (want.disable_nouveau) plan_no_nouveau(host, plan);
  finish(want, option, machine, host, plan);
  plan.result.set("installed", option.version);
  plan_reboot(want, reasons_to_reboot(machine, option.version), plan);
  return plan;
}

}  // namespace agent::nvidia_driver

AGENT_MODULE(agent::nvidia_driver::arguments, agent::nvidia_driver::variants)
