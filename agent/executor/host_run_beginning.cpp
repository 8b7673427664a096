#include <agent/executor/controller_files.hpp>
#include <agent/executor/host_run.hpp>

// What comes before the first task of a play: facts, and the files of variables.
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
  world.events.on(result);
  count(result.status);
  return flow;
}

// Names that need facts can be read only once the host is known to be there; so this runs before and after.
void HostRun::read_vars_files(bool strict) {
  context_.extras.vars_files.clear();
  for (const auto& entry : context_.play.play.vars_files) {
    if (!strict && jinja::Engine::has_templates(entry)) continue;
    read_vars_file(entry, strict);
  }
}

void HostRun::read_vars_file(const Value& entry, bool strict) {
  World& world = context_.world;
  VariableView view = context_.view(context_.play.play.scope.get());
  const Value names = world.engine.render(entry, view);
  std::optional<Error> missing;
  for (const auto& name : names.is_list() ? names.list() : List{names}) {
    try {
      const Path file = find_on_controller(as_text(name), "vars", view, entry.where());
      const std::lock_guard lock(world.loader_mutex);
      context_.extras.vars_files.push_back({file.string(), world.loader.variables(file)});
      return;
    } catch (const Error& error) {
      if (!names.is_list() || error.message().rfind("there is no", 0) != 0) throw;
      missing = error;
    }
  }
  if (missing && strict) throw Error("none of these files of variables exists").at(entry.where());
}

}  // namespace agent::executor
