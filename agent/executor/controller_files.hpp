#pragma once

#include <string>

#include <agent/executor/variable_view.hpp>
#include <agent/sdk/spec.hpp>

namespace agent::executor {

/// Finds what an argument names on the controller (ansible-syntax.md 14: the role's `files/` or `templates/`, beside
/// the task file, beside the playbook). Throws Error that lists the places when it is nowhere.
Path find_on_controller(const std::string& name, std::string_view kind, const VariableView& view, const Where& where);

/// For each argument of `spec` that names a file on the controller, adds to `args` what the module needs of it:
/// NAME_content and NAME_mode, or NAME_tree (a list of {path, mode, content or link}) for a directory. Templates are
/// rendered. Where the argument means a file of the machine (`remote_src`), nothing is added.
void bring_files(Map& args, const Spec& spec, const World& world, const VariableView& view);

}  // namespace agent::executor
