#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/module.hpp>

#include "environment.hpp"

namespace agent::conda {

/// What a playbook can ask of conda.
struct Want {
  std::string prefix = "~/miniforge3";
  std::string distribution = "miniforge";
  std::optional<std::string> version, installer, checksum, executable;
  std::optional<std::string> name, file;
  Strings packages, channels;
  std::string state = "present";
  Strings init;
  std::optional<bool> auto_activate;
  std::string user_home;  ///< not an argument: whose shells `init` is about
};

const SpecOf<Want>& arguments();

class Conda : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

/// Where the installer of this version for this machine is, and its SHA-256 (empty: not known here).
struct Installer {
  std::string url, name, sha256;
};
Installer installer_of(const Want& want, const Host& host);

/// Adds what installs conda itself into `prefix`, or takes it away; true where it will be there afterwards.
void plan_installation(const Want& want, const Path& prefix, const Host& host, Plan& plan);

/// The text of a shell's start file with the block that `conda init` writes, or without it.
std::string with_init_block(const std::string& text, const Path& prefix, const std::string& shell);
std::string without_init_block(const std::string& text);
/// Adds what makes the shells of the task's user know conda; `absent` takes the block out.
void plan_init(const Want& want, const Path& prefix, const Host& host, Plan& plan);

std::unique_ptr<Module> any();

}  // namespace agent::conda
