#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/module.hpp>

namespace agent::podman {

struct Want {
  bool compose = false;
  bool docker = false;
  Strings registries;
  Strings users;
  bool socket = false;
  std::string state = "present";
};

const SpecOf<Want>& arguments();

class Podman : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// The text of /etc/subuid or /etc/subgid with a range for `user`, behind all others; the same text where there is one.
std::string with_range(const std::string& text, const std::string& user);

std::unique_ptr<Module> any();

}  // namespace agent::podman
