#include <agent/executor/controller_files.hpp>
#include <agent/executor/task_settings.hpp>
#include <agent/executor/vars_files.hpp>

namespace agent::executor {
namespace {

void read_vars_file(HostContext& context, const Value& entry, bool is_needed) {
  World& world = context.world;
  VariableView view = context.view(context.play.play.scope.get());
  const Value names = world.engine.render(entry, view);
  std::optional<Error> missing;
  for (const auto& name : names.is_list() ? names.list() : List{names}) {
    try {
      const Path file = find_on_controller(as_text(name), "vars", view, entry.where());
      const std::lock_guard lock(world.loader_mutex);
      context.extras.vars_files.push_back({file.string(), world.loader.variables(file)});
      return;
    } catch (const Error& error) {
      if (!names.is_list() || error.message().rfind("there is no", 0) != 0) throw;
      missing = error;
    }
  }
  if (missing && is_needed) throw Error("none of these files of variables exists").at(entry.where());
}

}  // namespace

void read_vars_files(HostContext& context, VarsFiles which) {
  context.extras.vars_files.clear();
  for (const auto& entry : context.play.play.vars_files) {
    if (which == VarsFiles::named && jinja::Engine::has_templates(entry)) continue;
    read_vars_file(context, entry, which == VarsFiles::all);
  }
}

}  // namespace agent::executor
