#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/python.hpp>

namespace agent::jupyter_kernel {

/// What a playbook can ask of a Jupyter kernel.
struct Want {
  std::string name;
  std::optional<std::string> display_name;
  std::optional<Path> venv;
  std::optional<std::string> python;
  bool user = true;
  std::optional<Path> prefix;
  bool sys_prefix = false;
  std::optional<Environment> env;
  std::string state = "present";
};

const SpecOf<Want>& arguments();

/// Registers the Python of a virtual environment as a kernel of Jupyter.
class JupyterKernel : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

std::unique_ptr<Module> any();

}  // namespace agent::jupyter_kernel
