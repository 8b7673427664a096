#include <cctype>

#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

namespace {

/// "nvidia-driver-580-server-open", taken apart.
struct Name {
  int branch = 0;
  bool server = false, open = false;
};

Name parts(const std::string& name, std::string_view stem) {
  Name found;
  std::string rest = name.substr(stem.size());
  found.branch = std::atoi(rest.c_str());
  rest.erase(0, rest.find_first_not_of("0123456789"));
  if (rest.starts_with("-server")) found.server = true, rest.erase(0, 7);
  if (rest.starts_with("-open")) found.open = true, rest.erase(0, 5);
  if (!rest.empty()) found.branch = 0;  // a package for something else
  return found;
}

std::string suffix(const Name& name) {
  return "-" + std::to_string(name.branch) + (name.server ? "-server" : "") + (name.open ? "-open" : "");
}

// "generic" of "5.15.0-140-generic": modules that Canonical signed are built for each flavour of the kernel.
std::string flavour(const std::string& kernel) {
  const auto dash = kernel.rfind('-');
  const std::string last = dash == std::string::npos ? "" : kernel.substr(dash + 1);
  return !last.empty() && std::isalpha(static_cast<unsigned char>(last[0])) ? last : "";
}

bool exists(const PackageDb& db, const std::string& name) {
  return !name.empty() && (installed_package(db, name) || !offered_packages(db, name).empty());
}

Option option_for(const Name& name, const Known& known, const Want& want, const Host& host) {
  const PackageDb& db = host.packages();
  const std::string tail = suffix(name), kernel = flavour(host.system().kernel);
  const std::string prebuilt = kernel.empty() ? "" : "linux-modules-nvidia" + tail + "-" + kernel;
  const bool signed_here = exists(db, prebuilt);
  if (want.build == "prebuilt" && !signed_here && (want.branch.empty() || std::to_string(name.branch) == want.branch))
    throw Error("there are no modules built for this kernel (" + host.system().kernel + ") and branch " +
                std::to_string(name.branch))
        .hint("say build: dkms, or boot one of the distribution's kernels (generic, aws, ...)")
        .about("build");
  Option option{.branch = name.branch,
                .version = driver_version(known.version),
                .open = name.open,
                .is_built = want.build == "dkms" || !signed_here,
                .is_present = known.is_present};
  const std::string server = name.server ? "-server" : "", branch = std::to_string(name.branch);
  // The modules come first: they satisfy what the driver asks for, so that no second kind comes along.
  option.packages.push_back(option.is_built ? "nvidia-dkms" + tail : prebuilt);
  if (!want.headless)
    option.packages.push_back("nvidia-driver" + tail);
  else
    option.packages.push_back((option.is_built ? "nvidia-headless" : "nvidia-headless-no-dkms") + tail);
  if (want.headless) option.packages.push_back("nvidia-utils-" + branch + server);
  return option;
}

}  // namespace

std::vector<Option> UbuntuDriver::options(const Want& want, const Host& host) const {
  if (want.source == "cuda_repo")
    return nvidia_apt_options(want, host, {"libnvidia-compute", "nvidia-dkms-open"},
                              {"libnvidia-compute", "nvidia-dkms"});
  const std::string stem = want.headless ? "nvidia-headless-" : "nvidia-driver-";
  std::vector<Option> options;
  for (const Known& known : known_packages(host.packages(), stem + "*")) {
    const Name name = parts(known.name, stem);
    if (name.branch == 0 || name.server != (want.flavour == "server")) continue;
    // A branch that was retired lives on as an empty package that brings another: its version tells.
    if (branch_of(driver_version(known.version)) != name.branch) {
      if (std::to_string(name.branch) == want.branch)
        throw Error("driver " + want.branch + " was retired: '" + known.name + "' brings " +
                    driver_version(known.version))
            .hint("say branch: " + std::to_string(branch_of(driver_version(known.version))))
            .about("branch");
      continue;
    }
    options.push_back(option_for(name, known, want, host));
  }
  return options;
}

Strings UbuntuDriver::headers(const Host& host) const {
  return {"linux-headers-" + host.system().kernel};
}

std::vector<Option> nvidia_apt_options(const Want& want, const Host& host, const Strings& compute_open,
                                       const Strings& compute_proprietary) {
  std::vector<Option> options;
  const PackageDb& db = host.packages();
  const auto branch_in_name = [](const std::string& name) {
    return std::atoi(name.substr(name.rfind('-') + 1).c_str());
  };
  for (const bool open : {true, false}) {
    const std::string meta = open ? "nvidia-open" : "cuda-drivers";
    for (const Known& known : known_packages(db, meta + "-*")) {
      const int branch = branch_in_name(known.name);
      if (branch == 0) continue;
      Option option{.branch = branch,
                    .version = driver_version(known.version),
                    .open = open,
                    .packages = {known.name},
                    .is_present = known.is_present};
      if (want.headless) {
        const std::string number = "-" + std::to_string(branch);
        option.packages = {"libnvidia-compute" + number, "nvidia-dkms" + number + (open ? "-open" : "")};
      }
      options.push_back(std::move(option));
    }
    // From 590 on the name has no branch: a package that pins it is installed first.
    for (const Known& pin : known_packages(db, "nvidia-driver-pinning-*")) {
      const int branch = branch_in_name(pin.name);
      const bool is_branch = pin.name == "nvidia-driver-pinning-" + std::to_string(branch);
      if (branch < 590 || !is_branch) continue;
      Option option{.branch = branch, .version = driver_version(pin.version), .open = open, .packages = {pin.name}};
      const Strings more = want.headless ? (open ? compute_open : compute_proprietary) : Strings{meta};
      option.packages.insert(option.packages.end(), more.begin(), more.end());
      option.is_present = pin.is_present && installed_package(db, more.front());
      options.push_back(std::move(option));
    }
  }
  return options;
}

}  // namespace agent::nvidia_driver
