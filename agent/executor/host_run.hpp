#pragma once

#include <set>
#include <string>

#include <agent/executor/handlers.hpp>
#include <agent/executor/host_context.hpp>
#include <agent/executor/outcome.hpp>
#include <agent/executor/task_evaluation.hpp>

namespace agent::executor {

/// Walks one host through one play, in the order of ansible-syntax.md 2: facts, pre_tasks, roles, tasks, post_tasks,
/// with handlers in between. What concerns other hosts it asks of the coordinator.
class HostRun {
 public:
  explicit HostRun(HostContext context);
  /// The whole play. Never throws for what a playbook or machine can do wrong.
  void run();

 private:
  /// Why the walk left a place, or that it did not.
  enum class Flow { go_on, failed, unreachable, refused, end_role, end_host, end_play, interrupted };

  Flow gather_facts();
  Flow walk(const Items& items);
  Flow block(const Block& block);
  Flow role_block(const Block& block, const Role& role);
  Flow task(const Task& task, bool as_handler);
  Flow meta(const Task& task, bool as_handler);
  bool is_meta_wanted(TaskEvaluation& evaluation, const std::string& what, bool& is_first);
  Flow carry_out_meta(TaskEvaluation& evaluation, const std::string& what);
  Flow finish(const Task& task, TaskEvaluation& evaluation, TaskOutcome outcome, bool is_first, bool as_handler);
  Flow include(const std::vector<Inclusion>& inclusions, bool as_handler);
  Flow flush_handlers();
  std::optional<Flow> arrive(const Event* banner);
  void leave(Flow flow);

  bool is_selected(const Task& task);
  bool is_before_start(const Task& task, const std::string& name);
  void notify(const Task& task, TaskOutcome& outcome, TaskEvaluation& evaluation);
  void count(Status status);
  void remember_failure(const Task& task, const std::string& name, const TaskOutcome& outcome);

  HostContext context_;
  Handlers handlers_;
  Position position_;
  std::set<std::string> finished_roles_;
  int rescuers_ = 0;   // enclosing blocks that will take a failure over
  int insisting_ = 0;  // enclosing places that are walked though the play has failed
};

}  // namespace agent::executor
