#pragma once

#include <string_view>
#include <vector>

#include <agent/executor/task_evaluation.hpp>
#include <agent/sdk/spec.hpp>

namespace agent::executor {

/// The tasks that are the executor's own, because they steer the play and not the machine: include_*, import_*, meta,
/// add_host, group_by, pause. They have Specs as modules have, so that `doc` and `lint` know them.
const std::vector<Spec>& directive_specs();
const Spec* find_directive(std::string_view name);

/// Whether `module` is carried out here, item by item, like a call of a module. (`import_*` are gone once a playbook is
/// loaded; `meta` is for whoever walks the play.)
bool is_directive(std::string_view module);
/// Carries one out. Throws Error and Unknown.
TaskOutcome directive(TaskEvaluation& evaluation);

}  // namespace agent::executor
