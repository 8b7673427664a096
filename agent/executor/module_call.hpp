#pragma once

#include <agent/executor/task_evaluation.hpp>

namespace agent::executor {

/// One call of a module: its arguments, the machine it is done on, and its reply as an outcome.
class ModuleCall {
 public:
  explicit ModuleCall(TaskEvaluation& evaluation) : evaluation_(evaluation) {}
  /// Throws Error and Unknown for what is wrong before the module is reached.
  TaskOutcome run();

 private:
  const ModuleIndex::Entry& entry() const;
  Map arguments(const Spec& spec);
  bool only_reads(const Spec& spec) const;
  bool reads_network() const;
  std::string assumption(const TaskRequest& request, const Spec& spec) const;
  void run_ahead(TaskRequest& request, TaskOutcome& outcome) const;
  TaskReply reply(TaskRequest request, TaskOutcome& outcome);
  void take(TaskReply reply, const ModuleIndex::Entry& entry, const TaskRequest& request, TaskOutcome& outcome);
  Where place_of(const std::string& argument) const;

  TaskEvaluation& evaluation_;
};

}  // namespace agent::executor
