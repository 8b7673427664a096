#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/host.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/package_plan.hpp>

namespace agent {

/// A vendor's own repository of packages, as it shall be known to this machine's package manager.
struct VendorRepository {
  std::string id;           ///< of its files: "docker"
  std::string title;        ///< for people: "Docker"
  std::string apt;          ///< what stands behind the options of apt's line: "https://... bookworm stable"
  std::string rpm;          ///< baseurl of dnf's section
  std::string key_url;      ///< where its key is; a path on this machine is copied
  std::string fingerprint;  ///< of the key, 40 hexadecimal digits: no other one is trusted
  Path keyring;             ///< of apt; dnf's lies in /etc/pki/rpm-gpg
  /// What dnf checks: the packages (gpgcheck), or the repository's own index (repo_gpgcheck).
  bool signs_packages = true, signs_index = false;
  Strings old_files = {};  ///< left by older guides: removed, because apt refuses two entries of one address
};

/// Where its entry and its key lie on this machine.
Path source_file(const VendorRepository& repository, const Host& host);
Path keyring_file(const VendorRepository& repository, const Host& host);

/// Adds what makes it known, its key first, and fetches its index; true when something of it was missing.
bool plan_repository(const VendorRepository& repository, const Host& host, Plan& plan);
void plan_no_repository(const VendorRepository& repository, const Host& host, Plan& plan);

/// Adds what makes these packages be there, or not. `is_new` says that a repository is made known in this plan, so that
/// what they are is not known yet.
void plan_vendor_packages(const Strings& names, WantedPackages::State state, bool is_new, const Host& host, Plan& plan);

/// A module with such a repository: a key that was fetched is trusted only after its fingerprint was compared.
class VendorModule : public Module {
 public:
  Outcome apply(const Plan& plan, Host& host) const override;
};

}  // namespace agent
