#pragma once

#include <string>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/module.hpp>

#include "edit.hpp"

namespace agent::bashrc_env {

/// The file that the variable goes into, and what the shell reads before it.
struct Place {
  Path file;
  std::string prelude;
  bool makes_directory = false;  ///< the file's directory may have to be made
};

/// Sets a variable for a user's new interactive shells. A distribution says where its shells look.
class BashrcEnv : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;

 protected:
  /// Where variables of a user with this home directory are set.
  virtual Place place(const Path& home, const Host& host) const;
};

/// Debian, Ubuntu and all others: the lines go into ~/.bashrc.
std::unique_ptr<Module> any();
/// Fedora: they go into a file of ~/.bashrc.d, which Fedora's ~/.bashrc reads.
std::unique_ptr<Module> fedora();

}  // namespace agent::bashrc_env
