#include <algorithm>

#include <agent/playbook/keywords.hpp>
#include <agent/playbook/loader_state.hpp>
#include <agent/playbook/module_names.hpp>
#include <agent/playbook/settings.hpp>

namespace agent {
namespace {

bool is_block(const Map& map) {
  return map.contains("block") || map.contains("rescue") || map.contains("always");
}

bool is_static_import(const std::string& module) {
  return module == "import_tasks" || module == "import_role";
}

std::shared_ptr<Block> implicit_block(ScopePtr scope, const Where& where) {
  auto block = std::make_shared<Block>();
  block->scope = std::move(scope);
  block->where = where;
  block->is_implicit = true;
  return block;
}

/// The import's own settings, which every task that it brings inherits.
std::shared_ptr<Scope> import_scope(const Task& task) {
  auto scope = std::make_shared<Scope>(*task.scope);
  scope->kind = Scope::Kind::import;
  return scope;
}

/// The name after `import_tasks:` or in its argument `key`.
const Value* name_argument(const Task& task, std::initializer_list<const char*> keys) {
  if (task.free_text) return &*task.free_text;
  for (const char* key : keys)
    if (const Value* value = task.args.find(key); value && !value->is_null()) return value;
  return nullptr;
}

}  // namespace

Items PlaybookLoader::State::items(const Reading& reading, const Value& list, const ScopePtr& parent,
                                   Context& context) {
  Items result;
  if (list.is_null()) return result;
  if (!list.is_list()) {
    reading.error("task-list", Error("expected a list of tasks, not " + std::string(name_of(list.kind())))
                                   .at(list.where())
                                   .hint("start each task with '- name: ...'"));
    return result;
  }
  result.reserve(list.list().size());
  for (const Value& entry : list.list())
    if (auto made = item(reading, entry, parent, context)) result.push_back(std::move(*made));
  return result;
}

std::optional<Item> PlaybookLoader::State::item(const Reading& reading, const Value& value, const ScopePtr& parent,
                                                Context& context) {
  if (value.is_null()) return {};
  if (!value.is_map()) {
    reading.error("task-list", Error("a task is a mapping, not " + std::string(name_of(value.kind())))
                                   .at(value.where())
                                   .hint("write 'module: arguments', for example 'debug: {msg: hello}'"));
    return {};
  }
  const Map& map = value.map();
  if (is_block(map)) return block(reading, map, value.where(), parent, context);
  if (map.contains("hosts") && !context.is_handlers && (map.contains("tasks") || map.contains("roles"))) {
    reading.error("task-list", Error("a play cannot stand in a list of tasks")
                                   .at(reading.key(map, "hosts"))
                                   .hint("plays are imported with 'import_playbook'"));
    return {};
  }
  auto task = read_task(reading, map, value.where(), {parent, context.is_handlers, options_.knows_module});
  if (!task) return {};
  if (!is_static_import(task->module)) return TaskPtr(std::move(task));
  if (task->loop) {
    reading.error("import-loop", Error("'" + task->module + "' cannot be repeated in a loop")
                                     .at(task->loop->where)
                                     .hint("use 'include_" + task->module.substr(7) + "'"));
    return {};
  }
  return task->module == "import_tasks" ? import_tasks(reading, *task, context) : import_role(*task, context);
}

BlockPtr PlaybookLoader::State::block(const Reading& reading, const Map& map, const Where& where,
                                      const ScopePtr& parent, Context& context) {
  auto made = std::make_shared<Block>();
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::block;
  scope->parent = parent;
  scope->directory = reading.directory();
  scope->where = where;
  for (const auto& [key, value] : map) {
    if (key == "name") {
      if (auto name = reading.text(key, value)) made->name = std::move(*name);
    } else if (key != "block" && key != "rescue" && key != "always" &&
               !read_setting(reading, key, value, scope->settings)) {
      reading.unknown_keyword("a block", map, key, keywords::of_block());
    }
  }
  if (!map.contains("block")) reading.error("block", Error("'rescue' and 'always' need a 'block'").at(where));
  made->where = where;
  made->scope = scope;
  const auto part = [&](const char* key) {
    const Value* list = map.find(key);
    return list ? items(reading, *list, scope, context) : Items{};
  };
  made->block = part("block");
  made->rescue = part("rescue");
  made->always = part("always");
  return made;
}

Path PlaybookLoader::State::find_tasks(const std::string& name, const Scope& scope, const Path& playbook_directory,
                                       const Where& where) const {
  Strings tried;
  const auto exists = [&](const Path& path) {
    tried.push_back("'" + path.lexically_normal().string() + "'");
    return files().is_file(path);
  };
  if (Path(name).is_absolute()) {
    if (exists(name)) return name;
  } else {
    std::vector<Path> places = {scope.directory};
    for (const Scope* level = &scope; level; level = level->parent.get()) {
      if (level->role) places.push_back(level->role->path / "tasks");
      if (level->directory != places.back()) places.push_back(level->directory);
    }
    places.push_back(playbook_directory);
    places.push_back(playbook_directory / "tasks");
    std::vector<Path> seen;
    for (const Path& written : places) {
      const Path place = written.empty() ? Path(".") : written.lexically_normal();
      if (std::find(seen.begin(), seen.end(), place) != seen.end()) continue;
      seen.push_back(place);
      if (exists(place / name)) return (place / name).lexically_normal();
    }
  }
  std::string places;
  for (const std::string& place : tried) places += (places.empty() ? "" : ", ") + place;
  throw Error("there is no file of tasks '" + name + "'")
      .at(where)
      .spanning(static_cast<int>(name.size()))
      .hint("looked for " + places);
}

std::optional<Item> PlaybookLoader::State::import_tasks(const Reading& reading, const Task& task, Context& context) {
  const Value* name = name_argument(task, {"file"});
  if (!name) {
    reading.error("import-name", Error("'import_tasks' names no file").at(task.module_where));
    return {};
  }
  Context inner = context;
  inner.variables = known_variables(task.scope.get(), context);
  const auto rendered = render_name(*name, inner);
  if (!rendered) return {};
  try {
    const Path file = find_tasks(*rendered, *task.scope, context.playbook_directory, name->where());
    auto scope = import_scope(task);
    scope->directory = file.parent_path();
    auto block = implicit_block(scope, task.where);
    block->name = task.name;
    block->block = task_file(file, name->where(), scope, context);
    return BlockPtr(std::move(block));
  } catch (const Error& failure) {
    reading.error("missing-file", failure);
    return {};
  }
}

Items PlaybookLoader::State::task_file(const Path& file, const Where& asked_at, const ScopePtr& parent,
                                       Context& context) {
  const Path path = file.lexically_normal();
  if (std::find(context.open_files.begin(), context.open_files.end(), path) != context.open_files.end()) {
    context.problems.error("import-circle", Error("'" + path.string() + "' imports itself").at(asked_at));
    return {};
  }
  if (context.open_files.size() > 60) {
    context.problems.error("import-circle", Error("more than 60 imports inside each other").at(asked_at));
    return {};
  }
  const SourceFile* source = open(path, asked_at, context.problems);
  if (!source) return {};
  context.open_files.push_back(path);
  Items result = items(Reading(*source, context.problems), source->document.root, parent, context);
  context.open_files.pop_back();
  return result;
}

std::optional<Item> PlaybookLoader::State::import_role(const Task& task, Context& context) {
  const Value* name = name_argument(task, {"name", "role"});
  if (!name) {
    context.problems.error("import-name", Error("'import_role' names no role").at(task.module_where));
    return {};
  }
  Context inner = context;
  inner.variables = known_variables(task.scope.get(), context);
  const auto rendered = render_name(*name, inner);
  if (!rendered) return {};
  RoleUse use;
  use.name = *rendered;
  use.where = name->where();
  auto scope = import_scope(task);
  use.parent = scope;
  use.allow_duplicates = true;
  const std::pair<const char*, std::string RoleUse::*> parts[] = {{"tasks_from", &RoleUse::tasks_from},
                                                                  {"vars_from", &RoleUse::vars_from},
                                                                  {"defaults_from", &RoleUse::defaults_from},
                                                                  {"handlers_from", &RoleUse::handlers_from}};
  for (const auto& [key, member] : parts)
    if (const Value* value = task.args.find(key))
      if (const auto from = render_name(*value, inner)) use.*member = *from;
  if (const Value* validate = task.args.find("rolespec_validate"))
    use.validate = !(validate->is_boolean() && !validate->boolean());
  LoadedRole loaded;
  role(use, loaded, context);
  auto block = implicit_block(scope, task.where);
  block->name = task.name;
  block->block = std::move(loaded.tasks);
  if (context.imported_roles) {
    context.imported_roles->all.insert(context.imported_roles->all.end(), loaded.all.begin(), loaded.all.end());
    context.imported_roles->handlers.insert(context.imported_roles->handlers.end(), loaded.handlers.begin(),
                                            loaded.handlers.end());
  }
  return BlockPtr(std::move(block));
}

}  // namespace agent
