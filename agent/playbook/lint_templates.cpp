#include <algorithm>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>

namespace agent::linting {
namespace {

/// What the engine itself, the facts and the loops define.
bool is_always_there(const std::string& name) {
  static const std::set<std::string> names = {"item",
                                              "omit",
                                              "hostvars",
                                              "groups",
                                              "group_names",
                                              "inventory_hostname",
                                              "inventory_hostname_short",
                                              "inventory_dir",
                                              "inventory_file",
                                              "playbook_dir",
                                              "play_hosts",
                                              "role_path",
                                              "role_name",
                                              "vars",
                                              "environment",
                                              "packages",
                                              "services",
                                              "template_host",
                                              "template_path",
                                              "template_uid"};
  return name.rfind("ansible_", 0) == 0 || name.rfind("getent_", 0) == 0 || names.count(name) != 0;
}

class Names {
 public:
  void add(const Map& map) {
    for (const auto& [name, value] : map) names_.insert(name);
  }
  void add(const std::string& name) { names_.insert(name); }
  bool has(const std::string& name) const { return names_.count(name) != 0 || is_always_there(name); }
  Strings all() const { return Strings(names_.begin(), names_.end()); }

 private:
  std::set<std::string> names_;
};

void add_task(const Task& task, Names& names) {
  if (task.register_name) names.add(*task.register_name);
  names.add(task.loop_control.loop_var);
  if (task.loop_control.index_var) names.add(*task.loop_control.index_var);
  if (task.module == "set_fact" || task.module == "add_host") names.add(task.args);
}

/// The variables of a file that a task or play names plainly; whether it could be told.
bool add_file(const Value& name, const Scope& scope, const Pass& pass, Names& names) {
  if (!name.is_string() || has_braces(name)) return false;
  for (const Path& place : search_path(scope, "vars", pass.playbook_directory)) {
    const Path file = place / name.string();
    std::error_code failure;
    if (!std::filesystem::is_regular_file(file, failure)) continue;
    try {
      names.add(pass.loader.variables(file));
    } catch (const Error& mistake) {
      pass.problems.error("variables", mistake);
    }
    return true;
  }
  return false;
}

/// Everything that any part of the play defines, whenever it does; false when something is only known at run time.
bool gather(const Pass& pass, Names& names) {
  for (const std::string& name : pass.options.variables) names.add(name);
  for (const Scope* scope : pass.scopes) names.add(scope->settings.vars), names.add(scope->params);
  for (const RolePtr& role : pass.roles) {
    names.add(role->defaults), names.add(role->vars);
    for (const auto& [entry, spec] : role->argument_specs)
      if (const Value* options = spec.find("options"); options && options->is_map()) names.add(options->map());
  }
  for (const Prompt& prompt : pass.play.vars_prompt) names.add(prompt.name);
  bool is_complete = true;
  for (const auto* list : {&pass.tasks, &pass.handlers})
    for (const Task* task : *list) {
      add_task(*task, names);
      is_complete = is_complete && !(task->module == "set_fact" && task->args_template);
      if (task->module != "include_vars") continue;
      if (const Value* into = task->args.find("name"); into && into->is_string()) {
        names.add(into->string());
        continue;
      }
      const Value* file = plain_argument(*task, {"file"});
      is_complete = file && add_file(*file, *task->scope, pass, names) && is_complete;
    }
  for (const Value& entry : pass.play.vars_files) {
    const List candidates = entry.is_list() ? entry.list() : List{entry};
    for (const Value& name : candidates) add_file(name, *pass.play.scope, pass, names);
  }
  return is_complete && !pass.has_unknown_variables;
}

void visit_all(const Pass& pass, const TextVisitor& visit) {
  for (const auto* list : {&pass.tasks, &pass.handlers})
    for (const Task* task : *list) for_each_text(*task, spec_of(*task, pass), visit);
  for (const Scope* scope : pass.scopes) for_each_text(*scope, visit);
  visit(pass.play.name, false);
  visit(pass.play.hosts, false);
}

}  // namespace

void check_templates(const Pass& pass) {
  const auto check = [&](const Value& value, bool is_expression) {
    for (Error& mistake : pass.options.engine->syntax_errors(value, is_expression))
      pass.problems.error("template", std::move(mistake));
  };
  visit_all(pass, check);
  for (const RolePtr& role : pass.roles)
    for (const Map* map : {&role->defaults, &role->vars})
      for (const auto& [name, value] : *map) check(value, false);
}

void check_variables(const Pass& pass) {
  Names names;
  if (!gather(pass, names)) return;
  const Strings known = names.all();
  visit_all(pass, [&](const Value& value, bool is_expression) {
    for (const jinja::FreeName& free : pass.options.engine->free_variables(value, is_expression)) {
      if (free.guarded || names.has(free.name)) continue;
      Error error = Error("nothing defines the variable '" + free.name + "'")
                        .at(free.where)
                        .spanning(static_cast<int>(free.name.size()));
      if (const auto hint = did_you_mean(free.name, known)) error.hint(*hint);
      pass.problems.warning("undefined-variable", std::move(error));
    }
  });
}

}  // namespace agent::linting
