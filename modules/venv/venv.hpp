#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/module.hpp>
#include <agent/sdk/python.hpp>

namespace agent::venv {

/// What a playbook can ask of a virtual environment.
struct Want {
  Path path;
  std::optional<std::string> python;
  std::optional<bool> system_site_packages;
  std::optional<std::string> prompt;
  Strings packages;
  Value upgrade_pip;
  bool clear = false;
  std::string state = "present";
};

/// Makes, repairs and removes virtual environments. A distribution says only by which packages it brings Python.
class Venv : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
  /// A creation that fails takes away again what it made.
  Outcome apply(const Plan& plan, Host& host) const override;

 protected:
  /// The package with ensurepip for Python `version`; empty where it is in Python itself.
  virtual std::string ensurepip_package(const std::string& version) const = 0;
  /// The package of the interpreter "3.12"; of the default one for an empty version.
  virtual std::string python_package(const std::string& version) const = 0;

 private:
  Plan absent(const Want& want, const Host& host) const;
  Plan present(const Want& want, const Host& host) const;
  PythonEnvironment base_python(const Want& want, const Host& host) const;
  void require_ensurepip(const PythonEnvironment& base, const Host& host) const;
  Step creation(const Want& want, const PythonEnvironment& base, const Host& host) const;
  Step rebuilding(const Want& want, const PythonEnvironment& now, const std::string& reason, const Host& host) const;
};

std::unique_ptr<Module> debian();
std::unique_ptr<Module> fedora();
std::unique_ptr<Module> any();

}  // namespace agent::venv
