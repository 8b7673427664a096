#include <algorithm>

#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

namespace {

constexpr const char* open_macro = "/etc/rpm/macros.nvidia-kmod";
constexpr const char* stream_file = "/etc/dnf/modules.d/nvidia-driver.module";

// "akmod-nvidia" follows the newest branch, "akmod-nvidia-580xx" stays at one.
std::vector<Option> rpmfusion(const Want& want, const PackageDb& db) {
  std::vector<Option> options;
  for (const Known& known : known_packages(db, "akmod-nvidia*")) {
    const std::string legacy = known.name.substr(std::string_view("akmod-nvidia").size());
    if (!legacy.empty() && !legacy.ends_with("xx")) continue;
    for (const bool open : {false, true}) {
      Option option{.branch = branch_of(driver_version(known.version)),
                    .version = driver_version(known.version),
                    .open = open,
                    .packages = {known.name},
                    .is_present = known.is_present};
      if (!want.headless) option.packages.push_back("xorg-x11-drv-nvidia" + legacy);
      option.packages.push_back("xorg-x11-drv-nvidia" + legacy + "-cuda");
      options.push_back(std::move(option));
    }
  }
  return options;
}

// One name for all branches: the version says which. A branch that is asked for is pinned by it.
std::vector<Option> cuda_repo(const Want& want, const PackageDb& db) {
  std::vector<Option> options;
  const bool pinned = !want.branch.empty() || !want.minimum.empty();
  for (const bool open : {true, false}) {
    const std::string meta = open ? "nvidia-open" : "cuda-drivers";
    std::vector<Known> known;
    if (const auto present = installed_package(db, meta)) known.push_back({meta, present->version, true});
    for (const Package& package : offered_packages(db, meta))
      if (known.empty() || known.front().version != package.version) known.push_back({meta, package.version});
    for (const Known& one : known) {
      const auto exactly = [&](const std::string& name) { return pinned ? name + "=" + one.version : name; };
      Option option{.branch = branch_of(driver_version(one.version)),
                    .version = driver_version(one.version),
                    .open = open,
                    .packages = {exactly(meta)},
                    .is_present = one.is_present};
      if (want.headless)
        option.packages = {"nvidia-driver-cuda", open ? "kmod-nvidia-open-dkms" : "kmod-nvidia-latest-dkms"};
      options.push_back(std::move(option));
    }
  }
  return options;
}

// "580-open", "open-dkms", ...: NVIDIA's streams of the module nvidia-driver on RHEL 8 and 9.
std::string stream_for(const Want& want, const Option& option) {
  if (want.branch.empty()) return option.open ? "open-dkms" : "latest-dkms";
  return want.branch + (option.open ? "-open" : "-dkms");
}

std::optional<std::string> present_stream(const Host& host) {
  const auto text = host.read(stream_file);
  if (!text) return std::nullopt;
  const auto begin = text->find("stream=");
  if (begin == std::string::npos) return std::nullopt;
  const std::string stream = text->substr(begin + 7, text->find('\n', begin) - begin - 7);
  return stream.empty() ? std::nullopt : std::optional(stream);
}

}  // namespace

std::vector<Option> FedoraDriver::options(const Want& want, const Host& host) const {
  if (want.build == "prebuilt")
    throw Error("this source has no modules built beforehand: they are compiled on the machine")
        .hint("say build: dkms (akmods count as that)")
        .about("build");
  return want.source == "rpmfusion" ? rpmfusion(want, host.packages()) : cuda_repo(want, host.packages());
}

Strings FedoraDriver::headers(const Host& host) const {
  Strings names;
  for (const char* name : {"kernel-devel-matched", "kernel-headers"})
    if (installed_package(host.packages(), name) || !offered_packages(host.packages(), name).empty())
      names.push_back(name);
  return names;
}

// RPM Fusion compiles what a macro says; it has to be there before the first build.
void FedoraDriver::prepare(const Want& want, const Option& option, const Host& host, Plan& plan) const {
  if (want.source != "rpmfusion") return;
  const std::string wanted = "%_with_kmod_nvidia_open 1\n";
  const auto now = host.read(open_macro);
  if (option.open && now != wanted)
    plan.steps.push_back({.changes = {{.subject = open_macro, .before = now, .after = wanted, .text = true}},
                          .actions = {MakeDirectory{"/etc/rpm"},
                                      WriteFile{.path = open_macro, .content = wanted, .attributes = {.mode = 0644}}}});
  if (!option.open && now == wanted)
    plan.steps.push_back(
        {.changes = {{.subject = open_macro, .before = now, .text = true}}, .actions = {RemovePath{open_macro}}});
}

// akmods compiles in the background after the installation; a reboot before it is done starts without a driver.
void FedoraDriver::finish(const Want& want, const Option&, const Machine& machine, const Host& host, Plan& plan) const {
  const std::string kernel = host.system().kernel;
  if (want.source != "rpmfusion" || machine.has_module_file) return;
  Exec build{.argv = {"akmods", "--force", "--kernels", kernel}, .title = "compiling the kernel module for " + kernel};
  build.effects.opaque = {Path("/lib/modules") / kernel / "extra/nvidia/nvidia.ko.xz"};
  plan.steps.push_back(
      {.changes = {{"kernel module nvidia for " + kernel, std::nullopt, "compiled"}}, .actions = {build}});
}

void RhelDriver::prepare(const Want& want, const Option& option, const Host& host, Plan& plan) const {
  if (!host.system().version.starts_with("8") && !host.system().version.starts_with("9")) return;
  const std::string wanted = stream_for(want, option);
  const auto now = present_stream(host);
  if (now == wanted) return;
  Step step{.changes = {{"stream of dnf's module nvidia-driver", now, wanted}}};
  if (now) {
    Exec reset{.argv = {"dnf", "-y", "module", "reset", "nvidia-driver"}, .title = "leaving stream " + *now};
    reset.effects.complete = true;
    step.actions.push_back(reset);
  }
  Exec enable{.argv = {"dnf", "-y", "module", "enable", "nvidia-driver:" + wanted},
              .title = "enabling stream " + wanted};
  enable.effects.files = {
      {stream_file, "[nvidia-driver]\nname=nvidia-driver\nstream=" + wanted + "\nprofiles=\nstate=enabled\n"}};
  step.actions.push_back(enable);
  plan.steps.push_back(std::move(step));
}

}  // namespace agent::nvidia_driver
