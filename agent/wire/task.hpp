#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// As whom a task's work is done on its machine. The default is the user that the agent runs as.
struct Identity {
  std::string connection = "local";
  bool become = false;
  std::string user = "root";    ///< who to become
  std::string method = "sudo";  ///< sudo, su, doas, runuser
  std::string executable;       ///< of the method, where it is not the usual one
  std::string flags;
  friend bool operator==(const Identity&, const Identity&) = default;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// One call of one module: everything rendered, nothing left to evaluate.
struct TaskRequest {
  std::string module;       ///< canonical name, as in the module index
  Map args;                 ///< checked against the Spec
  bool check_mode = false;  ///< perform on the overlay, predict, change nothing
  bool network = false;     ///< behind the wall of check mode: it reads from the network
  Environment environment;  ///< the task's `environment:`
  Identity identity;
  std::chrono::milliseconds timeout{0};  ///< 0: none
  /// The only changes that may be made; with any other in its plan the task fails before the first. Nothing: all may.
  /// A text of these may have lost its secrets (`redacted`): what stands there instead fits anything.
  std::optional<std::vector<Change>> approved;
};

/// What stands in a text where a secret stood.
constexpr std::string_view redacted = "********";

/// Whether `change` is one of `approved`.
bool is_approved(const Change& change, const std::vector<Change>& approved);

/// How one call of a module ended.
struct TaskReply {
  enum class Status { ok, changed, would_change, unknown, failed };
  Status status = Status::ok;
  Map result;                   ///< what `register` sees, without changed/failed
  std::vector<Change> changes;  ///< made, or in check mode would be made
  Strings notes;
  std::optional<Error> error;  ///< with status failed; its `argument()` names the argument it is about
  Strings reasons;             ///< with status unknown
  std::string output;          ///< what the module printed (never parsed, shown with -vv and on failure)
  bool refused = false;        ///< with status failed: it would have made a change that was not approved
  bool from_look = false;      ///< with status failed, in check mode: the module says so, of the machine as it would be
  bool sees_predictions = false;  ///< a command that was really run in a check saw all that was predicted before it
  std::vector<Action> predicted;  ///< check mode: actions performed on the overlay, for the other workers' overlays
};

/// The machine itself cannot be had, or is lost: nothing is known of what was asked for.
class Unreachable : public Error {
 public:
  explicit Unreachable(std::string message) : Error(std::move(message)) {}
  explicit Unreachable(Error error) : Error(std::move(error)) {}
  Unreachable&& hint(std::string text) && {
    Error::hint(std::move(text));
    return std::move(*this);
  }
  Unreachable& hint(std::string text) & {
    Error::hint(std::move(text));
    return *this;
  }
};

/// Progress of long work: text and a fraction, negative where there is no measure.
using ProgressSink = std::function<void(const std::string& text, double fraction)>;

/// Whoever can carry out module calls on one machine: in the program, a pool of worker processes.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  /// Carries out one call. A crash, hang or flood of the module is a failed reply; throws only when no worker could be
  /// had at all (no sudo, wrong password): an Error that says what to do, and Unreachable when the machine is lost.
  virtual TaskReply run(const TaskRequest& request, const ProgressSink& progress) = 0;
  /// Facts of the machine as `setup` would report them, names without the "ansible_" prefix.
  virtual Value facts(const Strings& subsets, const Identity& identity) = 0;
  /// Forgets workers (`meta: reset_connection`); the next task gets fresh ones. Predictions are kept.
  virtual void reset() = 0;
};

Value to_value(const TaskRequest& request);
TaskRequest task_request_from(const Value& value);
Value to_value(const TaskReply& reply);
TaskReply task_reply_from(const Value& value);

}  // namespace agent
