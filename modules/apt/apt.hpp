#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/package_plan.hpp>

namespace agent::apt {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  Strings name;
  std::string state = "present";
  std::optional<bool> update_cache;
  std::int64_t cache_valid_time = 0;
  std::int64_t update_cache_retries = 3;
  std::int64_t update_cache_retry_max_delay = 12;
  std::optional<bool> install_recommends;
  std::string default_release;
  bool only_upgrade = false;
  bool allow_downgrade = false;
  bool allow_change_held_packages = false;
  bool allow_unauthenticated = false;
  bool force = false;
  std::string deb;
  std::string upgrade = "no";
  bool purge = false;
  bool autoremove = false;
  bool autoclean = false;
  bool clean = false;
  bool fail_on_autoremove = false;
  Strings dpkg_options = {"force-confdef", "force-confold"};
  std::optional<std::int64_t> policy_rc_d;
  std::int64_t lock_timeout = 60;
  bool force_apt_get = false;
};

const SpecOf<Want>& arguments();

/// How apt-get shall go about it.
PackageOptions options_of(const Want& want);
/// How the index shall be fetched.
RefreshPackageIndex refresh_of(const Want& want);

/// What both variants share: carrying out a plan, and telling what the tools said.
class Apt : public Module {
 public:
  Outcome apply(const Plan& plan, Host& host) const override;
};

/// Debian and Ubuntu: apt and dpkg themselves.
class DebianApt : public Apt {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// Fedora: the same wishes, carried out with dnf.
class FedoraApt : public Apt {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// Adds what installs the package file `want.deb` (a path on the machine, or an address).
/// `may_become_possible`: what it depends on may come with an index that is fetched first.
void plan_deb(const Want& want, const PackageOptions& options, bool may_become_possible, const Host& host, Plan& plan);

/// What Debian's package is called on Fedora: one name, several, or none where nothing is needed.
Strings fedora_names(const std::string& debian_name);

}  // namespace agent::apt
