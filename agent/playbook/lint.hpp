#pragma once

#include <functional>
#include <string>

#include <agent/playbook/loader.hpp>
#include <agent/playbook/playbook.hpp>
#include <agent/playbook/problem.hpp>
#include <agent/sdk/spec.hpp>
#include <agent/template/engine.hpp>

namespace agent {

/// What the static check knows of the world outside the playbook. Whatever is missing is not checked.
struct LintOptions {
  /// The Spec of a module or of an action of the engine's own (include_tasks, meta, ...), by canonical name, or null.
  std::function<const Spec*(const std::string& canonical)> find_spec;
  Strings module_names;  ///< for "did you mean"
  /// A module that we do not have is an error (`lint`, `--syntax-check`) or a warning (`run`, `check`).
  bool unknown_module_is_error = true;
  const jinja::Engine* engine = nullptr;
  /// The names of variables that come from elsewhere: extra vars, inventory, group_vars, host_vars.
  Strings variables;
};

/// Looks at everything that the loader's reading did not: modules and their arguments, templates, handlers, files,
/// variables. Follows includes whose names are plain. Adds to `problems`, and sorts them.
void lint(const Playbook& playbook, PlaybookLoader& loader, const LintOptions& options, Problems& problems);

}  // namespace agent
