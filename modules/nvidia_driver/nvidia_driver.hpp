#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/module.hpp>
#include <agent/sdk/pinned_packages.hpp>

#include "machine.hpp"

namespace agent::nvidia_driver {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  std::string state = "present";
  std::string branch, minimum;
  std::string modules = "auto";
  std::string flavour = "desktop";
  bool headless = false;
  std::string source;
  std::string build = "auto";
  bool headers = true;
  bool disable_nouveau = true;
  std::string secure_boot = "refuse";
  std::string in_use = "refuse";
  bool without_card = false;
  bool hold = false;
  std::string reboot = "never";
};

const SpecOf<Want>& arguments();

/// One way to have a driver: what to install, and what one gets.
struct Option {
  int branch = 0;
  std::string version;   ///< "550.163.01"; empty: not known before an index is fetched
  bool open = false;     ///< with the open kernel modules
  Strings packages;      ///< names, or "name=version"
  bool is_built = true;  ///< the module is compiled on this machine (DKMS, akmods), so its headers are needed
  bool is_present = false;
};

/// What the cards allow.
struct Limits {
  int first_branch = 0, last_branch = 0;  ///< 0: no limit
  bool needs_open = false, needs_proprietary = false;
};
/// Throws Error for cards that no driver serves together (Pascal beside Blackwell).
Limits limits_of(const std::vector<Card>& cards);

/// Whether open modules are the ones to take, on these cards and of this branch; throws Error for a wish that cannot
/// be.
bool takes_open(const Want& want, const Limits& limits, int branch);

/// The option to take: the one that is there if it does, else the newest. Throws Error when none does, naming those
/// that are offered and why they do not fit.
Option chosen(const Want& want, const Limits& limits, const std::vector<Option>& options, const Machine& machine);

/// A version's branch: "550.163.01" -> 550; 0 where there is none.
int branch_of(const std::string& version);
/// "3:580.95.05-1.fc42" -> "580.95.05".
std::string driver_version(const std::string& package_version);

/// What the distributions share: look, refuse what cannot go well, and then install, all before the first change.
class NvidiaDriver : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;

 protected:
  virtual std::string default_source() const = 0;
  virtual Strings sources() const = 0;
  /// Every way in which this machine could have a driver, both kinds of modules.
  virtual std::vector<Option> options(const Want& want, const Host& host) const = 0;
  virtual Strings headers(const Host& host) const = 0;
  /// What has to be set before the packages can be had.
  virtual void prepare(const Want&, const Option&, const Host&, Plan&) const {}
  /// What has to be done once they are there.
  virtual void finish(const Want&, const Option&, const Machine&, const Host&, Plan&) const {}
};

class UbuntuDriver : public NvidiaDriver {
 protected:
  std::string default_source() const override { return "distro"; }
  Strings sources() const override { return {"distro", "cuda_repo"}; }
  std::vector<Option> options(const Want& want, const Host& host) const override;
  Strings headers(const Host& host) const override;
};

class DebianDriver : public NvidiaDriver {
 protected:
  std::string default_source() const override { return "distro"; }
  Strings sources() const override { return {"distro", "cuda_repo"}; }
  std::vector<Option> options(const Want& want, const Host& host) const override;
  Strings headers(const Host& host) const override;
};

class FedoraDriver : public NvidiaDriver {
 protected:
  std::string default_source() const override { return "rpmfusion"; }
  Strings sources() const override { return {"rpmfusion", "cuda_repo"}; }
  std::vector<Option> options(const Want& want, const Host& host) const override;
  Strings headers(const Host& host) const override;
  void prepare(const Want& want, const Option& option, const Host& host, Plan& plan) const override;
  void finish(const Want& want, const Option& option, const Machine& machine, const Host& host,
              Plan& plan) const override;
};

/// RHEL and what is built from it: NVIDIA's repository, on 8 and 9 by streams of dnf.
class RhelDriver : public FedoraDriver {
 protected:
  std::string default_source() const override { return "cuda_repo"; }
  Strings sources() const override { return {"cuda_repo"}; }
  void prepare(const Want& want, const Option& option, const Host& host, Plan& plan) const override;
};

/// The packages of NVIDIA's own repository on a machine with apt: the branch in the name up to 580, a pinning package
/// from 590 on.
std::vector<Option> nvidia_apt_options(const Want& want, const Host& host, const Strings& compute_open,
                                       const Strings& compute_proprietary);

/// A name that repositories offer or that is installed, with the version that it has or would have.
struct Known {
  std::string name, version;
  bool is_present = false;
};
std::vector<Known> known_packages(const PackageDb& db, const std::string& pattern);

/// Packages of any driver that are there, whatever brought them.
Strings driver_packages(const PackageDb& db);

/// Adds what keeps nouveau from taking the card at the next start: a file for modprobe, the initramfs made anew, on
/// Fedora the kernel's arguments.
void plan_no_nouveau(const Host& host, Plan& plan);
void plan_nouveau_again(const Host& host, Plan& plan);

}  // namespace agent::nvidia_driver
