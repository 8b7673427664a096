#pragma once

#include <agent/playbook/playbook.hpp>
#include <agent/playbook/problem.hpp>
#include <agent/resolver/stack.hpp>

namespace agent::cli {

/// Whether a play has a task that `check_machine_pins` looks at: reading the tables for nothing takes time.
bool pins_machine(const Play& play);

/// Looks for versions that a play pins on the machine itself and that cannot go together: what one `ml_stack` is asked
/// for, a `cuda` that the branch of its `nvidia_driver` is too old for, a `cudnn` that was never built for its CUDA.
void check_machine_pins(const Play& play, const resolver::Tables& tables, Problems& problems);

/// The mistake that a conflict is, with its ways out.
Error error_of(const resolver::Conflict& conflict, const Where& where);

}  // namespace agent::cli
