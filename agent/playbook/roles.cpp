#include <algorithm>

#include <agent/playbook/keywords.hpp>
#include <agent/playbook/loader_state.hpp>
#include <agent/playbook/settings.hpp>

namespace agent {
namespace {

/// "ns", "collection", "role" of a name with two dots; nothing for others.
std::optional<std::pair<std::string, std::string>> collection_of(const std::string& name) {
  const std::size_t last = name.rfind('.');
  if (last == name.npos || name.find('/') != name.npos) return {};
  const std::string collection = name.substr(0, last);
  if (std::count(collection.begin(), collection.end(), '.') != 1) return {};
  return std::pair(collection, name.substr(last + 1));
}

/// The file that `name` means in a role's folder: "main" is main.yml, main.yaml, main.json or main.
std::optional<Path> part_file(const Files& files, const Path& folder, const std::string& name) {
  for (const char* extension : {".yml", ".yaml", ".json", ""})
    if (const Path file = folder / (name + extension); files.is_file(file)) return file;
  return {};
}

bool is_yaml_name(const Path& file) {
  const std::string extension = file.extension().string();
  return extension == ".yml" || extension == ".yaml" || extension == ".json";
}

std::vector<Path> files_of(const Files& files, const Path& directory) {
  std::vector<Path> out = files.below(directory);
  std::erase_if(out, [](const Path& file) { return !is_yaml_name(file); });
  return out;
}

/// What makes two uses of a role the same (see Role::identity).
std::string identity(const Path& path, const std::string& tasks_from, const Settings& settings, const Map& params) {
  Map key;
  key.set("from", tasks_from);
  key.set("params", params);
  key.set("vars", settings.vars);
  key.set("when", List(settings.when.begin(), settings.when.end()));
  key.set("tags", List(settings.tags.begin(), settings.tags.end()));
  return path.string() + " " + Value(std::move(key)).json();
}

/// The task that checks a role's arguments, as the reference shows it.
TaskPtr validation(const Role& role, const std::string& entry, const Value& spec, const ScopePtr& parent) {
  auto task = std::make_shared<Task>();
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::task;
  scope->parent = parent;
  scope->directory = role.path / "tasks";
  scope->where = spec.where();
  scope->settings.tags = {Value("always")};
  std::string name = "Validating arguments against arg spec '" + entry + "'";
  if (const Value* text = spec.find("short_description"); text && text->is_string()) name += " - " + text->string();
  task->name = Value(std::move(name)).at(spec.where());
  task->where = task->module_where = spec.where();
  task->module = task->module_as_written = "validate_argument_spec";
  const Value* options = spec.find("options");
  task->args.set("argument_spec", options ? *options : Value(Map{}));
  task->args.set("provided_arguments", Value(Map{}));
  task->args.set(
      "validate_args_context",
      Map{{"type", "role"}, {"name", role.name}, {"argument_spec_name", entry}, {"path", role.path.string()}});
  task->argument_places.assign(3, spec.where());
  task->scope = std::move(scope);
  return task;
}

std::shared_ptr<Block> role_block(const ScopePtr& scope, const Where& where) {
  auto block = std::make_shared<Block>();
  block->scope = scope;
  block->where = where;
  block->is_implicit = true;
  return block;
}

}  // namespace

std::optional<Path> PlaybookLoader::State::find_role(const std::string& name, const Scope* parent,
                                                     const Context& context) const {
  std::vector<Path> places = {context.playbook_directory / "roles"};
  if (const Role* role = parent ? role_of(*parent) : nullptr) places.push_back(role->path.parent_path());
  places.insert(places.end(), options_.roles_path.begin(), options_.roles_path.end());
  places.push_back(context.playbook_directory);
  if (Path(name).is_absolute()) places = {Path("/")};
  for (const Path& place : places)
    if (const Path path = (place / name).lexically_normal(); files().is_directory(path)) return path;
  if (const auto collection = collection_of(name)) {
    std::string folder = collection->first;
    std::replace(folder.begin(), folder.end(), '.', '/');
    places.insert(places.begin(), context.playbook_directory / "collections");
    for (const Path& place : places) {
      const Path path = place / "ansible_collections" / folder / "roles" / collection->second;
      if (files().is_directory(path)) return path.lexically_normal();
    }
  }
  return {};
}

Map PlaybookLoader::State::role_variables(const Path& folder, const std::string& name, const RoleUse& use,
                                          Context& context) {
  if (const auto file = part_file(files(), folder, name)) return variables(*file, use.where, context.problems);
  Map all;
  if (files().is_directory(folder / name)) {
    for (const Path& file : files_of(files(), folder / name)) all.merge(variables(file, use.where, context.problems));
  } else if (name != "main") {
    context.problems.error("missing-file", Error("role '" + use.name + "' has no file '" + name + "' in '" +
                                                 folder.filename().string() + "/'")
                                               .at(use.where));
  }
  return all;
}

Items PlaybookLoader::State::role_part(const Path& folder, const std::string& name, const ScopePtr& scope,
                                       const RoleUse& use, Context& context) {
  if (const auto file = part_file(files(), folder, name)) return task_file(*file, use.where, scope, context);
  if (name != "main")
    context.problems.error("missing-file", Error("role '" + use.name + "' has no file '" + name + "' in '" +
                                                 folder.filename().string() + "/'")
                                               .at(use.where)
                                               .hint("looked for '" + (folder / (name + ".yml")).string() + "'"));
  return {};
}

void PlaybookLoader::State::role_meta(Role& role, Context& context, const SourceFile*& meta) {
  if (const auto file = part_file(files(), role.path / "meta", "main")) meta = open(*file, {}, context.problems);
  const Value* specs = nullptr;
  if (meta) {
    const Value& root = meta->document.root;
    if (const Value* allow = root.find("allow_duplicates"))
      role.allow_duplicates = allow->is_boolean() && allow->boolean();
    specs = root.find("argument_specs");
  }
  if (const auto file = part_file(files(), role.path / "meta", "argument_specs"))
    if (const SourceFile* source = open(*file, {}, context.problems))
      specs = source->document.root.find("argument_specs");
  if (specs && specs->is_map()) role.argument_specs = specs->map();
}

std::shared_ptr<Role> PlaybookLoader::State::make_role(const Path& path, const RoleUse& use, Context& context) {
  auto role = std::make_shared<Role>();
  role->path = path;
  role->name = use.name;
  if (const auto collection = collection_of(use.name))
    if (path.filename() == collection->second) role->collection = collection->first;
  role->defaults = role_variables(path / "defaults", use.defaults_from, use, context);
  role->vars = role_variables(path / "vars", use.vars_from, use, context);
  role->identity = identity(path, use.tasks_from, use.settings, use.params);
  role->allow_duplicates = use.allow_duplicates;
  // Parents are those that include or import a role, and not those that depend on it.
  for (const Scope* level = use.is_dependency ? nullptr : use.parent.get(); level; level = level->parent.get())
    if (level->role) role->parents.push_back(level->role->name);
  if (files().is_directory(path / "library")) role->library = path / "library";
  return role;
}

void PlaybookLoader::State::role(const RoleUse& use, LoadedRole& loaded, Context& context) {
  const auto path = find_role(use.name, use.parent.get(), context);
  if (!path) {
    Error missing =
        Error("there is no role '" + use.name + "'").at(use.where).spanning(static_cast<int>(use.name.size()));
    std::string places = "'" + (context.playbook_directory / "roles").lexically_normal().string() + "'";
    for (const Path& place : options_.roles_path) places += ", '" + place.string() + "'";
    return context.problems.error("missing-role", std::move(missing).hint("looked in " + places));
  }
  if (std::find(context.open_roles.begin(), context.open_roles.end(), *path) != context.open_roles.end())
    return context.problems.error("import-circle", Error("role '" + use.name + "' depends on itself").at(use.where));
  context.open_roles.push_back(*path);
  const std::shared_ptr<Role> role = make_role(*path, use, context);
  const SourceFile* meta = nullptr;
  role_meta(*role, context, meta);
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::role;
  scope->parent = use.parent;
  scope->settings = use.settings;
  scope->params = use.params;
  scope->role = role;
  scope->directory = *path / "tasks";
  scope->where = use.where;
  dependencies(meta, role, scope, loaded, context);

  auto block = role_block(scope, use.where);
  const Value* spec = role->argument_specs.find(use.tasks_from);
  if (spec && use.validate) block->block.push_back(validation(*role, use.tasks_from, *spec, scope));
  const bool outer = std::exchange(context.is_handlers, false);
  for (Item& item : role_part(*path / "tasks", use.tasks_from, scope, use, context))
    block->block.push_back(std::move(item));
  context.is_handlers = true;
  for (Item& item : role_part(*path / "handlers", use.handlers_from, scope, use, context))
    loaded.handlers.push_back(std::move(item));
  context.is_handlers = outer;
  context.open_roles.pop_back();
  loaded.tasks.push_back(BlockPtr(std::move(block)));
  loaded.role = role;
  loaded.all.push_back(role);
}

void PlaybookLoader::State::dependencies(const SourceFile* meta, const std::shared_ptr<Role>& role,
                                         const ScopePtr& scope, LoadedRole& loaded, Context& context) {
  const Value* list = meta ? meta->document.root.find("dependencies") : nullptr;
  if (!list || list->is_null()) return;
  const Reading reading(*meta, context.problems);
  if (!list->is_list()) return reading.wrong_kind("dependencies", "a list of roles", *list);
  for (const Value& entry : list->list()) {
    auto use = role_entry(reading, entry, scope, context);
    if (!use) continue;
    use->is_dependency = true;
    this->role(*use, loaded, context);
    if (loaded.role) role->dependencies.push_back(loaded.role);
    loaded.role.reset();
  }
}

std::optional<PlaybookLoader::State::RoleUse> PlaybookLoader::State::role_entry(const Reading& reading,
                                                                                const Value& entry,
                                                                                const ScopePtr& parent,
                                                                                Context& context) {
  RoleUse use;
  use.parent = parent;
  const Value* name = entry.is_string() ? &entry : nullptr;
  if (entry.is_map())
    for (const char* key : {"role", "name", "src"})
      if (!name) name = entry.find(key);
  if (!name || !scalar_text(*name)) {
    reading.error("role", Error("a role is its name, or a mapping with 'role'").at(entry.where()));
    return {};
  }
  Context inner = context;
  inner.variables = known_variables(parent.get(), context);
  if (entry.is_map())
    if (const Value* vars = entry.find("vars"); vars && vars->is_map()) inner.variables.merge(vars->map());
  const auto rendered = render_name(*name, inner);
  if (!rendered) return {};
  use.name = *rendered;
  use.where = name->where();
  if (!entry.is_map()) return use;
  for (const auto& [key, value] : entry.map()) {
    if (key == "role" || key == "src" || (key == "name" && !entry.find("role"))) continue;
    if (key == "scm" || key == "version") continue;  // for whoever installs roles
    if (read_setting(reading, key, value, use.settings)) continue;
    if (key == "tasks_from" && value.is_string())
      use.tasks_from = value.string();
    else
      use.params.set(key, value);
  }
  return use;
}

}  // namespace agent
