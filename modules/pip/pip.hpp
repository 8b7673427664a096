#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/python.hpp>

namespace agent::pip {

/// What a playbook can ask of pip.
struct Want {
  Strings name;
  std::optional<std::string> version;
  std::optional<Path> requirements, constraints;
  std::optional<Path> virtualenv;
  std::string virtualenv_command = "python3 -m venv";
  std::optional<std::string> virtualenv_python;
  bool virtualenv_site_packages = false;
  std::optional<std::string> executable;
  bool user = false;
  std::string state = "present";
  std::optional<std::string> index_url;
  Strings extra_index_url, find_links;
  bool no_deps = false, pre = false, editable = false;
  std::optional<std::string> extra_args;
  bool break_system_packages = false;
  std::optional<Path> chdir;
  std::optional<std::string> umask;
};

const SpecOf<Want>& arguments();

/// Installs and removes Python packages. A distribution says only by which of its own packages pip comes.
class Pip : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
  /// A failure of pip is said in words that tell the way out.
  Outcome apply(const Plan& plan, Host& host) const override;

 protected:
  /// The distribution's package with pip for the system's Python; empty where it is not known.
  virtual std::string pip_package() const = 0;
  /// The distribution's package of the Python package `name`; empty where it is not known.
  virtual std::string package_of(const std::string& name) const = 0;
  /// What it takes to compile an extension: headers and compiler.
  virtual Strings build_packages() const = 0;
};

std::unique_ptr<Module> debian();
std::unique_ptr<Module> fedora();
std::unique_ptr<Module> any();

}  // namespace agent::pip
