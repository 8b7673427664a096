#include <agent/executor/host_run.hpp>

// What comes before the first task of a play: facts.
namespace agent::executor {

HostRun::Flow HostRun::gather_facts() {
  World& world = context_.world;
  const Play& play = context_.play.play;
  VariableView view = context_.view(play.scope.get());
  const bool wanted = !play.gather_facts || as_flag(world.engine.render(*play.gather_facts, view)).value_or(true);
  if (!wanted || !world.options.tags.selects({"always"})) return Flow::go_on;
  const Event banner =
      event::TaskStarted{context_.play.name, "Gathering Facts", "setup", false, world.options.check, play.where};
  if (const auto left = arrive(&banner)) return *left;
  event::TaskResult result;
  result.host = context_.host.name();
  result.play = context_.play.name;
  result.task = "Gathering Facts";
  result.module = "setup";
  result.where = play.where;
  result.result = Map{{"changed", false}};
  Flow flow = Flow::go_on;
  try {
    const TaskSettings settings(world, view);
    Identity identity = settings.identity(view);
    TaskRunner& runner = world.machines.at(context_.host.name(), settings.login(view));
    Strings subsets;
    if (play.gather_subset) {
      const Value value = world.engine.render(*play.gather_subset, view);
      for (const auto& one : value.is_list() ? value.list() : List{value}) subsets.push_back(as_text(one));
    }
    // Nothing is asked of the machine before a task names a fact.
    context_.host.gather_with([&runner, identity, subsets] {
      const Value facts = runner.facts(subsets, identity);
      return facts.is_map() ? facts.map() : Map();
    });
  } catch (const Error& error) {
    result.status = Status::unreachable;
    result.result = Map{{"changed", false}, {"msg", error.message()}, {"unreachable", true}};
    result.error = error;
    flow = Flow::unreachable;
  }
  context_.events.on(result);
  count(result.status);
  return flow;
}

}  // namespace agent::executor
