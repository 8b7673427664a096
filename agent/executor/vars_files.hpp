#pragma once

#include <agent/executor/host_context.hpp>

namespace agent::executor {

/// Which of a play's `vars_files`.
enum class VarsFiles {
  named,  ///< those whose names are written out: what can be read before anything is known of the host
  all,
};

/// Reads a play's files of variables for one host. Throws Error for one that is not there.
void read_vars_files(HostContext& context, VarsFiles which);

}  // namespace agent::executor
