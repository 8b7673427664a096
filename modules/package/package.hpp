#pragma once

#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/package_plan.hpp>

namespace agent::package {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  Strings name;
  std::string state = "present";
  std::string use = "auto";
  bool update_cache = false;
  std::int64_t lock_timeout = 60;
};

const SpecOf<Want>& arguments();

class AnyPackage : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

}  // namespace agent::package
