#pragma once

#include <vector>

#include <agent/playbook/playbook.hpp>
#include <agent/playbook/problem.hpp>

namespace agent::cli {

/// Looks for versions that a play pins and that cannot go together: frameworks that `pip` installs into one virtual
/// environment, the Python it is made with and the CUDA that the index stands for; and what it pins on the machine
/// itself (check_machine_pins). Only plain text is looked at; whatever is a template is left to the run.
void check_pins(const std::vector<Playbook>& playbooks, Problems& problems);

}  // namespace agent::cli
