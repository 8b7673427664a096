#pragma once

#include <optional>
#include <string>

#include <agent/executor/outcome.hpp>
#include <agent/playbook/playbook.hpp>

namespace agent::executor {

struct Journey;

/// What came of a task that was done elsewhere.
struct ErrandReport {
  TaskOutcome outcome;
  Strings secrets;  ///< that its arguments held, to be taken out of what is shown
};

/// Who does the tasks that are delegated, for a machine that walks a play by itself: no machine may say what is done on
/// another one. So the machine names the task, as the playbook has it, and what it has learned so far; the controller
/// evaluates it and has it done.
class Errands {
 public:
  virtual ~Errands() = default;
  /// Throws Error when nobody can do it, Interrupted when nobody is there any more.
  virtual ErrandReport run(const Task& task) = 0;
};

/// The machine that a task is delegated to, where that is written out; "" where it is an expression. Nothing: to none.
std::optional<std::string> delegate_of(const Task& task);
/// Whether `task` is for another machine than `host`, which walks the play.
bool is_errand(const Task& task, const std::string& host);

/// The controller's side: does `task` of the play for the host that is on the way, with what is known of that host.
/// Its events go the way of all that the host says.
ErrandReport carry_out(const Journey& journey, const Task& task);

}  // namespace agent::executor
