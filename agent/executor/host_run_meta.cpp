#include <agent/executor/host_run.hpp>
#include <agent/executor/task_name.hpp>

// `meta`: tasks that steer the walk itself.
namespace agent::executor {

HostRun::Flow HostRun::meta(const Task& task, bool as_handler) {
  std::string what = task.free_text ? as_text(*task.free_text) : "noop";
  if (const Value* action = task.args.find("action")) what = as_text(*action);
  const Event banner = event::TaskStarted{context_.play.name, shown_name(context_, task),   "meta",
                                          as_handler,         context_.world.options.check, task.where};
  if (const auto left = arrive(&banner)) return *left;
  TaskEvaluation evaluation(context_, task, shown_name(context_, task));
  try {
    bool is_first = true;
    if (is_meta_wanted(evaluation, what, is_first)) return carry_out_meta(evaluation, what);
    if (!is_first) return Flow::go_on;
    TaskOutcome outcome;
    outcome.status = Status::skipped;
    outcome.result = Map{{"changed", false}, {"skipped", true}, {"skip_reason", "Conditional result was False"}};
    context_.events.on(evaluation.event_of(outcome));
    return Flow::go_on;
  } catch (const Error& error) {
    TaskOutcome outcome;
    outcome.status = Status::failed;
    outcome.error = error;
    outcome.result = Map{{"msg", error.message()}, {"changed", false}};
    return finish(task, evaluation, std::move(outcome), true, false);
  }
}

// What concerns every host of the play is decided by the first that comes to it, as with run_once.
bool HostRun::is_meta_wanted(TaskEvaluation& evaluation, const std::string& what, bool& is_first) {
  if (what == "flush_handlers" || what == "end_host" || what == "end_role" || what == "noop" ||
      what == "reset_connection")
    return evaluation.is_wanted();
  const auto ask = [&] {
    TaskOutcome answer;
    answer.status = evaluation.is_wanted() ? Status::ok : Status::skipped;
    return answer;
  };
  return context_.coordinator.once(context_.number, ask, is_first).status == Status::ok;
}

HostRun::Flow HostRun::carry_out_meta(TaskEvaluation& evaluation, const std::string& what) {
  World& world = context_.world;
  if (what == "flush_handlers") return flush_handlers();
  if (what == "end_host") return Flow::end_host;
  if (what == "end_role") return Flow::end_role;
  if (what == "end_play" || what == "end_batch") {
    if (what == "end_play") context_.play.ended = true;
    context_.coordinator.end_play();
    return Flow::end_play;
  }
  if (what == "clear_facts") context_.host.clear_facts();
  if (what == "reset_connection") {
    world.machines.at(context_.host.name(), evaluation.settings().login(evaluation.view())).reset();
  }
  if (what == "refresh_inventory") {
    world.hosts.refresh();
    const std::lock_guard lock(world.states_mutex);
    for (auto& [name, state] : world.states) state->reread_inventory(world.hosts.variables(name));
  }
  if (what == "clear_host_errors") {
    const std::lock_guard lock(world.states_mutex);
    for (auto& [name, state] : world.states) state->failed = state->unreachable = false;
  }
  return Flow::go_on;
}

}  // namespace agent::executor
