#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/package_plan.hpp>

namespace agent::dnf {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  Strings name;
  std::string state = "present";
  bool autoremove = false;
  bool update_cache = false;
  bool update_only = false;
  bool security = false;
  bool bugfix = false;
  bool disable_gpg_check = false;
  bool allow_downgrade = false;
  bool allowerasing = false;
  bool skip_broken = false;
  bool nobest = false;
  bool cacheonly = false;
  bool download_only = false;
  bool install_weak_deps = true;
  Strings enablerepo, disablerepo, exclude;
  std::string releasever, conf_file, disable_excludes;
  std::int64_t lock_timeout = 60;
  bool validate_certs = true;
  bool sslverify = true;
  std::string use_backend = "auto";
};

const SpecOf<Want>& arguments();

class Dnf : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
  Outcome apply(const Plan& plan, Host& host) const override;
};

}  // namespace agent::dnf
