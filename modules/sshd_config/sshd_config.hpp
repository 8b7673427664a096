#pragma once

#include <memory>
#include <string>

#include <agent/sdk/module.hpp>

#include "settings.hpp"

namespace agent::sshd_config {

struct Want {
  Map settings;
  std::string match;
  std::string name = "10-agent";
  Path path = "/etc/ssh/sshd_config";
  std::string state = "present";
  bool reload = true;
};

const SpecOf<Want>& arguments();

/// Settings of sshd: in a drop-in file where the configuration includes such, else in the configuration itself.
class SshdConfig : public Module {
 public:
  /// The unit's name: Debian calls it ssh.service.
  explicit SshdConfig(std::string unit = "sshd.service") : unit_(std::move(unit)) {}
  Plan check(const Args& args, const Host& host) const override;
  /// What sshd does not accept as a whole is taken back before the failure is told.
  Outcome apply(const Plan& plan, Host& host) const override;

 private:
  std::string unit_;
};

std::unique_ptr<Module> debian();
std::unique_ptr<Module> fedora();

}  // namespace agent::sshd_config
