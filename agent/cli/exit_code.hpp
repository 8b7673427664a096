#pragma once

namespace agent::cli {

/// What the program's exit code says.
enum class ExitCode {
  fine = 0,          ///< run: every host converged; check: compliant
  wrong_input = 1,   ///< the command line, playbook, inventory or a variable is wrong; nothing was started
  failed = 2,        ///< a task failed on a host
  drift = 3,         ///< check only: drift, or a task whose outcome is unknown
  unreachable = 4,   ///< a host was unreachable, and no task failed
  busy = 75,         ///< another run works on a host, and nothing worse happened
  interrupted = 130  ///< by a person
};

}  // namespace agent::cli
