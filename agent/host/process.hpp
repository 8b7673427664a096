#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <agent/host/fd.hpp>
#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// A program to start: an argument list, never a shell string (reliability R10). It gets its own session, only the
/// descriptors named here, no blocked or ignored signals, and exactly this environment.
struct Command {
  Strings argv;  ///< argv[0] is searched in the PATH of `environment` unless it holds a slash
  Environment environment = {};
  std::optional<Path> directory = {};
  std::optional<std::string> input = {};              ///< of stdin, which else is /dev/null
  std::chrono::milliseconds deadline{0};              ///< on the monotonic clock; 0: none
  std::chrono::milliseconds grace{2000};              ///< between TERM and KILL, when the deadline is over
  std::optional<User> as = {};                        ///< root only: with this user's ids and groups
  std::function<void(std::string_view)> line = {};    ///< each line of stdout and stderr as it comes, without its end
  std::function<void(std::string_view)> status = {};  ///< each line written to descriptor 3; empty: there is none
  int when_we_die = 15;                               ///< the signal it gets then; 0: it lives on
  bool leaves_nothing = false;                        ///< kill what it left running in its process group
};

/// How a command ended.
struct Finished {
  Output output;           ///< rc is the exit code, 128 + the number of the signal, or 127: no such program
  int signal = 0;          ///< that it died of; 0: it ended by itself
  bool timed_out = false;  ///< and was therefore killed
};

/// Runs a command to its end. What it leaves running keeps nobody waiting, even with the output still open. Throws
/// Error when it cannot be started for another reason than that there is no such program.
Finished run(const Command& command);

/// A running process whose stdin and stdout are one socket of ours, in both directions.
struct Child {
  pid_t pid = -1;
  Fd channel;
  Fd err;  ///< the end of its stderr that can be read, or none where it shares ours
};

/// Starts a command and returns; `deadline`, `input`, `line`, `status` and `when_we_die` do not count here: it sees the
/// end of us by the end of its channel. With `own_err` its stderr is kept apart. Throws Error when it cannot be
/// started, a program that does not exist included.
Child spawn(const Command& command, bool own_err);

/// As `spawn` with a stderr of its own, of a child that goes on in this program with `work`, whose result is its exit
/// code: what is loaded need not be loaded again. Only while we have one thread; the child is a copy of us as we are,
/// but for signals and descriptors. Throws Error.
Child split_off(int (*work)());

/// Waits for the end of a child for at most `limit` (negative: for ever). Its exit code, or 128 + signal; nothing when
/// it still runs.
std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds limit);

/// Ends a child that was started here with all that it started, but for what it started before `since`
/// (start_time_now() of then): TERM, `grace`, KILL. Returns its exit code like wait_for.
int end(pid_t pid, std::chrono::milliseconds grace = std::chrono::milliseconds(2000), unsigned long long since = 0);

/// The full path of a program as `environment`'s PATH finds it; nothing when it is not there. Empty and relative parts
/// of PATH are passed over.
std::optional<Path> find_program(const std::string& name, const Environment& environment);

/// The environment of everything that is run for `user`: HOME, USER, LOGNAME, SHELL, PATH, LANG, and of `login` what a
/// tool needs to reach the network or the session (proxies, certificates, pip's and conda's settings, XDG, D-Bus),
/// never what steers the loader or an interpreter. `login`'s PATH counts where `login` is that user's own.
Environment minimal_environment(const User& user, const Environment& login = {}, bool own_login = false);

/// The environment of this process.
Environment own_environment();

}  // namespace agent
