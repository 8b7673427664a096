#pragma once

#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <agent/playbook/lint.hpp>

namespace agent::linting {

/// A text that is rendered, or an expression that is evaluated.
using TextVisitor = std::function<void(const Value& text, bool is_expression)>;

/// What several checks share while one play is looked at.
struct Pass {
  const Play& play;
  const LintOptions& options;
  PlaybookLoader& loader;
  Problems& problems;
  Path playbook_directory;
  /// Every task and handler of the play, those of includes that could be followed too.
  std::vector<const Task*> tasks, handlers;
  std::vector<const Scope*> scopes;
  std::vector<RolePtr> roles;
  /// Something is included whose name is only known at run time: what it brings (handlers, variables) is not known.
  bool has_unknown_includes = false;
  bool has_unknown_variables = false;
  /// Keeps what was loaded for the check alive.
  std::vector<Items> included;
};

/// Fills `tasks`, `handlers`, `scopes` and `roles`, following includes.
void collect(Pass& pass);

void check_module(const Task& task, const Pass& pass);
void check_files(const Task& task, const Pass& pass);
void check_loop(const Task& task, const Pass& pass);
void check_conditions(const Task& task, const Pass& pass);
void check_handlers(const Pass& pass);
/// Tasks that each make another thing the default of the same machine.
void check_defaults(const Pass& pass);
void check_templates(const Pass& pass);
void check_variables(const Pass& pass);
void check_variable_files(Pass& pass);

/// Every text of a task that may be a template: name, arguments, conditions, loop. Not that of its scope.
void for_each_text(const Task& task, const Spec* spec, const TextVisitor& visit);
/// Those of one scope's settings.
void for_each_text(const Scope& scope, const TextVisitor& visit);

const Spec* spec_of(const Task& task, const Pass& pass);
/// Plain text of an argument (free text under the name of the Spec's free_text), or null: missing or a template.
const Value* plain_argument(const Task& task, std::initializer_list<const char*> names);

}  // namespace agent::linting
