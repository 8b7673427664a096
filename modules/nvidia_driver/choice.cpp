#include <algorithm>
#include <set>

#include <agent/sdk/dotted_version.hpp>

#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

namespace {

constexpr int first_open_by_default = 560;  // from here on NVIDIA's own installers take the open modules where they can
constexpr int only_open = 615;              // from here on no others are packaged

struct Architecture {
  const char* name;
  int first, last;
  bool needs_open, needs_proprietary;
};
// gpus.yml, `architectures`.
constexpr Architecture architectures[] = {
    {"Kepler", 0, 470, false, true},  {"Maxwell", 0, 580, false, true}, {"Pascal", 367, 580, false, true},
    {"Volta", 384, 580, false, true}, {"Turing", 410, 0, false, false}, {"Ampere", 450, 0, false, false},
    {"Ada", 520, 0, false, false},    {"Hopper", 515, 0, false, false}, {"Blackwell", 570, 0, true, false},
};

std::string shown(const Option& option) {
  return (option.version.empty() ? std::to_string(option.branch) : option.version) + (option.open ? " (open)" : "");
}

// Why an option does not do; empty: it does.
std::string objection(const Option& option, const Want& want, const Limits& limits) {
  const std::string branch = std::to_string(option.branch);
  if (!want.branch.empty() && branch != want.branch) return "is branch " + branch;
  if (!want.minimum.empty() && !option.version.empty() && compare_dotted(option.version, want.minimum) < 0)
    return "is older than " + want.minimum;
  if (limits.last_branch && option.branch > limits.last_branch)
    return "does not serve this card any more, the last that does is " + std::to_string(limits.last_branch);
  if (option.branch < limits.first_branch)
    return "does not serve this card yet, the first that does is " + std::to_string(limits.first_branch);
  if (option.open != takes_open(want, limits, option.branch)) return option.open ? "is open" : "is not open";
  return "";
}

}  // namespace

int branch_of(const std::string& version) {
  return std::atoi(version.c_str());
}

std::string driver_version(const std::string& package_version) {
  const auto colon = package_version.find(':');
  const std::string text = colon == std::string::npos ? package_version : package_version.substr(colon + 1);
  return text.substr(0, text.find_first_of("-~+"));
}

Limits limits_of(const std::vector<Card>& cards) {
  Limits limits;
  std::string oldest, newest;
  for (const Card& card : cards)
    for (const Architecture& known : architectures) {
      if (architecture_of(card.device) != known.name) continue;
      if (known.first > limits.first_branch) limits.first_branch = known.first, newest = known.name;
      if (known.last && (!limits.last_branch || known.last < limits.last_branch))
        limits.last_branch = known.last, oldest = known.name;
      limits.needs_open |= known.needs_open;
      limits.needs_proprietary |= known.needs_proprietary;
    }
  const bool apart = limits.last_branch && limits.first_branch > limits.last_branch;
  if (apart || (limits.needs_open && limits.needs_proprietary))
    throw Error("no driver serves the cards of this machine together: " + oldest + " and " + newest)
        .hint(oldest + " needs branch " + std::to_string(limits.last_branch) +
              " or older with the proprietary modules, " + newest + " needs " + std::to_string(limits.first_branch) +
              " or newer" + (limits.needs_open ? " with the open ones" : ""))
        .hint("take one of them out, or give it to a virtual machine (vfio-pci)");
  return limits;
}

bool takes_open(const Want& want, const Limits& limits, int branch) {
  if (want.modules == "open" && limits.needs_proprietary)
    throw Error("the open kernel modules do not serve this card: they begin with Turing")
        .hint("say modules: proprietary, or leave it to the module (auto)")
        .about("modules");
  if (want.modules == "proprietary" && limits.needs_open)
    throw Error("the proprietary kernel modules do not serve this card: Blackwell needs the open ones")
        .hint("say modules: open, or leave it to the module (auto)")
        .about("modules");
  if (want.modules != "auto") return want.modules == "open";
  if (limits.needs_open) return true;
  if (limits.needs_proprietary) return false;
  return branch >= std::min(first_open_by_default, only_open);
}

Option chosen(const Want& want, const Limits& limits, const std::vector<Option>& options, const Machine& machine) {
  takes_open(want, limits, 0);
  const Option* best = nullptr;
  std::set<std::string> refused;
  for (const Option& option : options) {
    if (const std::string why = objection(option, want, limits); !why.empty()) {
      refused.insert(shown(option) + ": " + why);
      continue;
    }
    const bool keeps = want.state != "latest";
    const auto better = [&] {
      if (keeps && option.is_present != best->is_present) return option.is_present;
      if (const int order = compare_dotted(option.version, best->version)) return order > 0;
      return option.branch > best->branch;
    };
    if (!best || better()) best = &option;
  }
  if (best) return *best;
  std::string what = "a driver";
  if (!want.branch.empty()) what = "driver " + want.branch;
  if (!want.minimum.empty()) what += " of " + want.minimum + " or newer";
  std::string cards;
  for (const Card& card : machine.cards) {
    const std::string architecture = architecture_of(card.device);
    cards += (cards.empty() ? " for " : ", ") + (architecture.empty() ? "card " + card.device : architecture);
  }
  Error error(what + cards + " is not to be had from '" + want.source + "'");
  for (const std::string& reason : refused) error.hint("there is " + reason);
  if (options.empty()) error.hint("its repository offers none here: is it enabled, and its index fetched?");
  throw error;
}

std::vector<Known> known_packages(const PackageDb& db, const std::string& pattern) {
  std::vector<Known> known;
  for (const Package& package : db.find(pattern))
    if (package.state != Package::State::config_files) known.push_back({package.name, package.version, true});
  for (const Package& package : offered_packages(db, pattern)) {
    const auto same = std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.name == package.name; });
    if (same == known.end()) known.push_back({package.name, package.version});
  }
  return known;
}

Strings driver_packages(const PackageDb& db) {
  constexpr std::string_view stems[] = {"nvidia-driver",
                                        "nvidia-open",
                                        "nvidia-headless",
                                        "nvidia-dkms",
                                        "nvidia-kernel",
                                        "nvidia-utils",
                                        "nvidia-smi",
                                        "nvidia-compute-utils",
                                        "nvidia-tesla",
                                        "nvidia-firmware",
                                        "nvidia-modprobe",
                                        "nvidia-persistenced",
                                        "nvidia-settings",
                                        "nvidia-xconfig",
                                        "nvidia-kmod",
                                        "linux-modules-nvidia",
                                        "libnvidia-",
                                        "libcuda1",
                                        "cuda-drivers",
                                        "akmod-nvidia",
                                        "kmod-nvidia",
                                        "xorg-x11-drv-nvidia",
                                        "xserver-xorg-video-nvidia",
                                        "firmware-nvidia-gsp"};
  Strings names;
  for (const char* pattern : {"*nvidia*", "cuda-drivers*", "libcuda1"})
    for (const Package& package : db.find(pattern)) {
      const bool is_ours = std::any_of(std::begin(stems), std::end(stems),
                                       [&](std::string_view stem) { return package.name.starts_with(stem); });
      // libnvidia-container belongs to containers, whatever it is called.
      if (!is_ours || package.name.starts_with("libnvidia-container") || package.state == Package::State::config_files)
        continue;
      if (std::find(names.begin(), names.end(), package.name) == names.end()) names.push_back(package.name);
    }
  return names;
}

}  // namespace agent::nvidia_driver
