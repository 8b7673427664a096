#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

namespace {

bool exists(const PackageDb& db, const std::string& name) {
  return installed_package(db, name) || !offered_packages(db, name).empty();
}

// Debian has one version in each release, and beside it a longer supported branch for servers, called tesla.
Option option_for(const Known& known, const std::string& stem, bool open, const Want& want, const PackageDb& db) {
  Option option{
      .branch = branch_of(driver_version(known.version)), .version = driver_version(known.version), .open = open};
  const bool tesla = stem != "nvidia";
  option.packages.push_back(tesla ? stem + "-kernel-dkms" : open ? "nvidia-open-kernel-dkms" : "nvidia-kernel-dkms");
  if (!want.headless) option.packages.push_back(known.name);
  if (want.headless) option.packages.push_back(tesla ? "lib" + stem + "-cuda1" : "libcuda1");
  if (exists(db, "nvidia-smi")) option.packages.push_back("nvidia-smi");
  // The open modules need the firmware of the card's own processor, which is in another component of the archive.
  if (open && exists(db, "firmware-nvidia-gsp")) option.packages.push_back("firmware-nvidia-gsp");
  option.is_present = installed_package(db, option.packages.front()).has_value() &&
                      installed_package(db, option.packages.at(1)).has_value();
  return option;
}

}  // namespace

std::vector<Option> DebianDriver::options(const Want& want, const Host& host) const {
  const PackageDb& db = host.packages();
  if (want.build == "prebuilt")
    throw Error("Debian has no modules built beforehand: they are compiled by DKMS")
        .hint("say build: dkms")
        .about("build");
  if (want.source == "cuda_repo")
    return nvidia_apt_options(want, host, {"nvidia-driver-cuda", "nvidia-kernel-open-dkms"},
                              {"nvidia-driver-cuda", "nvidia-kernel-dkms"});
  std::vector<Option> options;
  if (want.flavour == "server")
    for (const Known& known : known_packages(db, "nvidia-tesla-*-driver"))
      options.push_back(option_for(known, known.name.substr(0, known.name.rfind('-')), false, want, db));
  for (const Known& known : known_packages(db, "nvidia-driver")) {
    options.push_back(option_for(known, "nvidia", false, want, db));
    if (exists(db, "nvidia-open-kernel-dkms")) options.push_back(option_for(known, "nvidia", true, want, db));
  }
  if (options.empty() && host.packages().refreshed() > 0)
    throw Error("Debian's driver is not in the repositories of this machine")
        .hint(
            "it is in the components contrib and non-free (from Debian 12 on also non-free-firmware): add them to "
            "/etc/apt/sources.list.d/debian.sources, and fetch the index")
        .about("source");
  return options;
}

Strings DebianDriver::headers(const Host& host) const {
  return {"linux-headers-" + host.system().kernel};
}

}  // namespace agent::nvidia_driver
