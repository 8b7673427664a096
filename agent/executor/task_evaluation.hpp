#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <agent/executor/host_context.hpp>
#include <agent/executor/outcome.hpp>
#include <agent/executor/redaction.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {

/// One task on one host, from its loop to what it leaves behind (ansible-syntax.md 3, "Evaluating one task on one
/// host"). Says the results of the items of a loop itself; that of the task is its caller's to say.
class TaskEvaluation {
 public:
  TaskEvaluation(HostContext& context, const Task& task, std::string shown_name);

  /// Never throws for what a playbook or a machine can do wrong: that is a failed outcome.
  TaskOutcome run();
  /// The same, of a task that is done by somebody else.
  TaskOutcome run_by(Errands& errands);
  /// Whether the conditions hold now; for `meta`, which is no call.
  bool is_wanted();
  /// Puts what the task leaves behind where later tasks of this host find it; `run` has done so already.
  void keep(const TaskOutcome& outcome);
  /// The event for `outcome`, with secrets taken out.
  event::TaskResult event_of(const TaskOutcome& outcome) const;
  /// What is asked of an approval: the task, or the item of its loop that is at hand.
  Approval::Asked asked() const;
  /// Seconds since this began.
  double elapsed() const;
  bool ignores_errors() const;
  bool ignores_unreachable() const;

  // For the executor's own tasks (directives), which are calls like those of modules.
  HostContext& context() { return context_; }
  const Task& task() const { return task_; }
  VariableView& view() { return view_; }
  const TaskSettings& settings() const { return settings_; }
  const std::optional<std::string>& label() const { return label_; }
  /// What its arguments held so far that is not to be shown.
  const Strings& secrets() const { return redaction_.secrets(); }
  /// The task's arguments, free text under `free_text`, rendered; `omit`ted ones left out.
  Map rendered_arguments(const Spec* spec);

 private:
  TaskOutcome loop(const List& items);
  List loop_items();
  void set_loop_variables(const List& items, std::size_t index);
  std::string label_of(const Value& item) const;
  TaskOutcome aggregate(std::vector<TaskOutcome> items) const;
  TaskOutcome one();
  std::optional<TaskOutcome> not_to_run();
  TaskOutcome with_retries();
  TaskOutcome guarded(const std::function<TaskOutcome()>& work);
  TaskOutcome call();
  Value evaluated(const Value& value, Type type);
  void judge(TaskOutcome& outcome);
  std::optional<bool> holds(const std::vector<Value>& conditions, Strings& reasons);

  /// A wait that a person can end.
  void wait(double seconds) const;
  TaskOutcome failure(Error error) const;
  TaskOutcome unknown(Strings reasons) const;
  void say(const TaskOutcome& outcome) const;
  void warn(const std::string& text, const Where& where) const;

  HostContext& context_;
  const Task& task_;
  std::string shown_name_;
  VariableView view_;
  TaskSettings settings_;
  std::vector<Value> conditions_;
  Redaction redaction_;
  std::optional<std::string> label_;
  double started_;
  bool no_log_ = false;
  friend class ModuleCall;
};

}  // namespace agent::executor
