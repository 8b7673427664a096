#include <agent/executor/task_name.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {

std::string shown_name(HostContext& context, const Task& task) {
  std::string name = task.module_as_written.empty() ? task.module : task.module_as_written;
  if (const Value* role = task.args.find("name"); task.module == "include_role" && role) name += " : " + as_text(*role);
  if (task.name.is_string() && !task.name.string().empty()) {
    name = task.name.string();
    if (jinja::Engine::has_templates(task.name)) {
      try {
        name = as_text(context.world.engine.render(task.name, context.view(task.scope.get())));
      } catch (const Error&) {
        // A name is for reading: what cannot be rendered is shown as it was written.
      }
    }
  }
  const Role* role = role_of(*task.scope);
  return role ? role->name + " : " + name : name;
}

}  // namespace agent::executor
