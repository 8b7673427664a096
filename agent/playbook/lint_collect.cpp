#include <algorithm>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>

namespace agent::linting {
namespace {

/// Walks the play, and what it includes by plain names, each file and role once.
class Collector {
 public:
  explicit Collector(Pass& pass) : pass_(pass) {}

  void run() {
    add_scope(*pass_.play.scope);
    for (const RolePtr& role : pass_.play.static_roles) add_role(role);
    for (const Items* items : {&pass_.play.pre_tasks, &pass_.play.roles, &pass_.play.tasks, &pass_.play.post_tasks})
      walk(*items, false);
    walk(pass_.play.handlers, true);
  }

 private:
  void walk(const Items& items, bool handlers) {
    for_each_task(items, [&](const Task& task) {
      (handlers ? pass_.handlers : pass_.tasks).push_back(&task);
      for (const Scope* scope = task.scope.get(); scope; scope = scope->parent.get()) add_scope(*scope);
      if (task.module == "include_tasks") include_tasks(task, handlers);
      if (task.module == "include_role") include_role(task);
    });
  }

  void add_scope(const Scope& scope) {
    if (!seen_scopes_.insert(&scope).second) return;
    pass_.scopes.push_back(&scope);
    if (scope.role) add_role(scope.role);
  }

  void add_role(const RolePtr& role) {
    if (seen_roles_.insert(role.get()).second) pass_.roles.push_back(role);
  }

  void include_tasks(const Task& task, bool handlers) {
    const Value* name = plain_argument(task, {"file"});
    if (!name) {
      pass_.has_unknown_includes = pass_.has_unknown_variables = true;
      return;
    }
    try {
      const Path file = pass_.loader.find_tasks(name->string(), *task.scope, pass_.playbook_directory);
      if (!seen_files_.insert(file.string()).second) return;
      const Value* apply = task.args.find("apply");
      keep(pass_.loader.tasks({file, task.scope->parent, task.scope->settings.vars,
                               apply && apply->is_map() ? apply->map() : Map(), handlers},
                              pass_.problems),
           handlers);
    } catch (const Error& missing) {
      Error error = Error(missing.message()).at(name->where()).spanning(static_cast<int>(name->string().size()));
      for (const std::string& hint : missing.hints()) error.hint(hint);
      pass_.problems.error("missing-file", std::move(error));
    }
  }

  void include_role(const Task& task) {
    const Value* name = plain_argument(task, {"name", "role"});
    if (!name) {
      pass_.has_unknown_includes = pass_.has_unknown_variables = true;
      return;
    }
    PlaybookLoader::RoleRequest request;
    request.name = name->string();
    request.where = name->where();
    request.parent = task.scope->parent;
    request.playbook_directory = pass_.playbook_directory;
    if (const Value* apply = task.args.find("apply"); apply && apply->is_map()) request.apply = apply->map();
    const std::pair<const char*, std::string PlaybookLoader::RoleRequest::*> parts[] = {
        {"tasks_from", &PlaybookLoader::RoleRequest::tasks_from},
        {"vars_from", &PlaybookLoader::RoleRequest::vars_from},
        {"defaults_from", &PlaybookLoader::RoleRequest::defaults_from},
        {"handlers_from", &PlaybookLoader::RoleRequest::handlers_from}};
    for (const auto& [key, member] : parts) {
      if (const Value* from = plain_argument(task, {key})) request.*member = from->string();
      if (task.args.contains(key) && !plain_argument(task, {key}))
        pass_.has_unknown_includes = pass_.has_unknown_variables = true;
    }
    if (!seen_files_.insert("role " + request.name + " " + request.tasks_from).second) return;
    auto loaded = pass_.loader.role(request, pass_.problems);
    for (const RolePtr& role : loaded.all) add_role(role);
    keep(loaded.tasks, false);
    keep(loaded.handlers, true);
  }

  void keep(const Items& items, bool handlers) {
    if (pass_.included.size() > 2000) return;  // nothing that people write; what is left is checked at run time
    pass_.included.push_back(items);           // the tasks themselves are shared, and stay
    walk(items, handlers);
  }

  Pass& pass_;
  std::unordered_set<const Scope*> seen_scopes_;
  std::unordered_set<const Role*> seen_roles_;
  std::set<std::string> seen_files_;
};

}  // namespace

void collect(Pass& pass) {
  Collector(pass).run();
}

const Spec* spec_of(const Task& task, const Pass& pass) {
  return pass.options.find_spec ? pass.options.find_spec(task.module) : nullptr;
}

const Value* plain_argument(const Task& task, std::initializer_list<const char*> names) {
  const Value* found = nullptr;
  for (const char* name : names)
    if (!found) found = task.args.find(name);
  const bool is_named_by_text =
      std::string_view(*names.begin()) == "file" || std::string_view(*names.begin()) == "name";
  if (!found && task.free_text && is_named_by_text) found = &*task.free_text;
  return found && found->is_string() && !has_braces(*found) ? found : nullptr;
}

void for_each_text(const Task& task, const Spec* spec, const TextVisitor& visit) {
  visit(task.name, false);
  for (const auto& [name, value] : task.args) {
    const Argument* argument = spec ? spec->find(name) : nullptr;
    visit(value, argument && (argument->type == Type::expression || argument->type == Type::conditions));
  }
  if (task.args_template) visit(*task.args_template, false);
  if (task.free_text) visit(*task.free_text, false);
  if (task.loop) visit(task.loop->value, false);
  for (const auto* list : {&task.until, &task.changed_when, &task.failed_when})
    for (const Value& condition : *list) visit(condition, true);
  for (const auto* value : {&task.retries, &task.delay, &task.async, &task.poll, &task.loop_control.label})
    if (*value) visit(**value, false);
  for (const Value& topic : task.listen) visit(topic, false);
}

void for_each_text(const Scope& scope, const TextVisitor& visit) {
  const Settings& settings = scope.settings;
  for (const auto* value :
       {&settings.become, &settings.become_user, &settings.become_method, &settings.connection, &settings.remote_user,
        &settings.port, &settings.delegate_to, &settings.delegate_facts, &settings.run_once, &settings.ignore_errors,
        &settings.ignore_unreachable, &settings.no_log, &settings.check_mode, &settings.diff, &settings.timeout,
        &settings.throttle, &settings.any_errors_fatal, &settings.environment})
    if (*value) visit(**value, false);
  for (const Value& condition : settings.when) visit(condition, true);
  for (const auto* list : {&settings.tags, &settings.notify})
    for (const Value& value : *list) visit(value, false);
  for (const Map* map : {&settings.vars, &settings.module_defaults, &scope.params})
    for (const auto& [name, value] : *map) visit(value, false);
}

}  // namespace agent::linting
