#include <algorithm>
#include <array>
#include <chrono>
#include <regex>
#include <thread>

#include <agent/executor/argument_spec.hpp>
#include <agent/executor/controller_files.hpp>
#include <agent/executor/directives.hpp>

namespace agent::executor {
namespace {

std::string text_of(const Map& args, std::string_view name, std::string otherwise = {}) {
  const Value* value = args.find(name);
  if (!value || value->is_null()) return otherwise;
  if (value->is_unknown()) throw Unknown(value->reasons());
  return as_text(*value);
}

bool flag_of(const Map& args, std::string_view name, bool otherwise) {
  const Value* value = args.find(name);
  return value && value->is_boolean() ? value->boolean() : otherwise;
}

const Value& member(const Map& args, std::string_view name) {
  static const Value none;
  const Value* value = args.find(name);
  return value ? *value : none;
}

Strings texts_of(const Map& args, std::string_view name) {
  const Value* value = args.find(name);
  Strings out;
  if (value && value->is_list())
    for (const auto& item : value->list()) out.push_back(as_text(item));
  return out;
}

TaskOutcome done(Map result, Status status = Status::ok) {
  TaskOutcome out;
  out.status = status;
  result.set("changed", status == Status::changed || status == Status::would_change);
  result.set("failed", false);
  out.result = std::move(result);
  return out;
}

/// What a task of an include inherits: everything around the include, but not what stands at the include itself.
ScopePtr around(const Task& task) {
  return task.scope->parent;
}

/// The include's own variables, and the loop's of this moment.
Map include_params(TaskEvaluation& e) {
  Map params = e.task().scope->settings.vars;
  for (auto& [name, value] : e.view().locals()) params.set(name, value);
  return params;
}

TaskOutcome include_tasks(TaskEvaluation& e, const Map& args) {
  World& world = e.context().world;
  const Value& name = member(args, "file");
  if (name.is_unknown()) throw Unknown(name.reasons());
  PlaybookLoader::TaskFile request;
  request.parent = around(e.task());
  request.params = include_params(e);
  if (const Value* apply = e.task().args.find("apply"); apply && apply->is_map()) request.apply = apply->map();
  request.as_handlers = e.task().is_handler;
  Inclusion inclusion;
  inclusion.label = e.label();
  const std::lock_guard lock(world.loader_mutex);
  try {
    request.file = world.loader.find_tasks(as_text(name), *e.task().scope, e.context().play.playbook_directory);
  } catch (Error& error) {
    throw error.at(name.where());
  }
  inclusion.shown = (world.loader.files().working_directory() / request.file).lexically_normal().string();
  inclusion.items = world.loader.tasks(request);
  TaskOutcome out = done(Map{{"include", as_text(name)}, {"include_args", Map()}});
  out.inclusions.push_back(std::move(inclusion));
  return out;
}

TaskOutcome include_role(TaskEvaluation& e, const Map& args) {
  World& world = e.context().world;
  PlaybookLoader::RoleRequest request;
  request.name = text_of(args, "name");
  request.tasks_from = text_of(args, "tasks_from", "main");
  request.vars_from = text_of(args, "vars_from", "main");
  request.defaults_from = text_of(args, "defaults_from", "main");
  request.handlers_from = text_of(args, "handlers_from", "main");
  request.parent = around(e.task());
  request.params = include_params(e);
  if (const Value* apply = e.task().args.find("apply"); apply && apply->is_map()) request.apply = apply->map();
  request.allow_duplicates = flag_of(args, "allow_duplicates", true);
  request.validate = flag_of(args, "rolespec_validate", true);
  request.playbook_directory = e.context().play.playbook_directory;
  request.where = member(args, "name").where();
  Inclusion inclusion;
  inclusion.shown = request.name;
  inclusion.label = e.label();
  const std::lock_guard lock(world.loader_mutex);
  auto loaded = world.loader.role(request);
  inclusion.items = std::move(loaded.tasks);
  inclusion.handlers = std::move(loaded.handlers);
  if (flag_of(args, "public", false)) inclusion.visible_roles = std::move(loaded.all);
  TaskOutcome out = done(Map{{"include_args", args}});
  out.inclusions.push_back(std::move(inclusion));
  return out;
}

void merge_deep(Map& into, const Map& from) {
  for (const auto& [name, value] : from) {
    const Value* there = into.find(name);
    if (there && there->is_map() && value.is_map()) {
      Map merged = there->map();
      merge_deep(merged, value.map());
      into.set(name, merged);
    } else {
      into.set(name, value);
    }
  }
}

std::vector<Path> variable_files(const Files& files, const Path& directory, const Map& args) {
  const auto depth = args.find("depth") ? member(args, "depth").integer() : 0;
  Strings extensions = texts_of(args, "extensions");
  if (extensions.empty()) extensions = {"yaml", "yml", "json"};
  const Strings ignored = texts_of(args, "ignore_files");
  const std::string pattern = text_of(args, "files_matching");
  std::vector<Path> out;
  for (const Path& file : files.below(directory)) {
    const Path inside = file.lexically_relative(directory);
    if (depth > 0 && std::distance(inside.begin(), inside.end()) > depth) continue;
    const std::string name = file.filename().string();
    const auto dot = name.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) continue;
    if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
    if (!pattern.empty() && !std::regex_search(name, std::regex(pattern))) continue;
    out.push_back(file);
  }
  return out;
}

TaskOutcome include_vars(TaskEvaluation& e, const Map& args) {
  World& world = e.context().world;
  std::vector<Path> files;
  if (args.contains("dir"))
    files =
        variable_files(world.loader.files(),
                       find_on_controller(text_of(args, "dir"), "vars", e.view(), member(args, "dir").where()), args);
  else if (args.contains("file"))
    files = {find_on_controller(text_of(args, "file"), "vars", e.view(), member(args, "file").where())};
  else
    throw Error("include_vars needs 'file' or 'dir'").at(e.task().module_where);
  Map variables;
  Strings names;
  const bool merge = text_of(args, "hash_behaviour") == "merge";
  const std::lock_guard lock(world.loader_mutex);
  for (const auto& file : files) {
    const Map read = world.loader.variables(file);
    if (merge)
      merge_deep(variables, read);
    else
      variables.merge(read);
    names.push_back(file.string());
  }
  if (const std::string name = text_of(args, "name"); !name.empty()) variables = Map{{name, variables}};
  TaskOutcome out = done(Map{{"ansible_facts", variables}, {"ansible_included_var_files", names}});
  out.included_variables = std::move(variables);
  return out;
}

TaskOutcome add_host(TaskEvaluation& e, const Map& args) {
  const std::string name = text_of(args, "name");
  const Strings groups = texts_of(args, "groups");
  Map variables;
  for (const auto& [key, value] : args)
    if (key != "name" && key != "groups") variables.set(key, value);
  World& world = e.context().world;
  const bool is_new = !world.hosts.exists(name);
  world.hosts.add_host(name, groups, variables);
  world.state_of(name).reread_inventory(world.hosts.variables(name));
  return done(Map{{"add_host", Map{{"host_name", name}, {"groups", groups}, {"host_vars", variables}}}},
              is_new ? Status::changed : Status::ok);
}

TaskOutcome group_by(TaskEvaluation& e, const Map& args) {
  std::string group = text_of(args, "key");
  std::replace(group.begin(), group.end(), ' ', '-');
  Strings parents = texts_of(args, "parents");
  if (parents.empty()) parents = {"all"};
  World& world = e.context().world;
  const Strings before = world.hosts.groups_of(e.context().host.name());
  const bool is_new = std::find(before.begin(), before.end(), group) == before.end();
  world.hosts.add_group(group, parents, {e.context().host.name()});
  e.context().host.reread_inventory(world.hosts.variables(e.context().host.name()));
  return done(Map{{"add_group", group}, {"parent_groups", parents}}, is_new ? Status::changed : Status::ok);
}

TaskOutcome pause(TaskEvaluation& e, const Map& args) {
  World& world = e.context().world;
  const auto number = [&](std::string_view name) { return args.find(name) ? member(args, name).real() : 0.0; };
  const double seconds = number("seconds") + 60 * number("minutes");
  const bool timed = args.contains("seconds") || args.contains("minutes");
  const bool echo = flag_of(args, "echo", true);
  const std::string prompt = text_of(args, "prompt");
  std::string answer;
  const auto start = std::chrono::steady_clock::now();
  if (!timed) {
    const std::string text = prompt.empty() ? "Press enter to continue, Ctrl+C to interrupt" : prompt;
    e.context().events.on(event::Prompt{e.context().host.name(), text});
    if (auto line = world.console.ask(text + ":", echo)) answer = *line;
  } else {
    e.context().events.on(event::Prompt{
        e.context().host.name(),
        prompt.empty() ? "Pausing for " + std::to_string(static_cast<long>(seconds)) + " seconds" : prompt});
    const auto end = start + std::chrono::duration<double>(seconds);
    while (!world.interrupted && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(std::chrono::milliseconds(100),
                                                                          end - std::chrono::steady_clock::now()));
  }
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return done(Map{
      {"rc", 0},
      {"stdout", "Paused for " + Value(static_cast<double>(static_cast<long>(took * 100)) / 100).json() + " seconds"},
      {"stderr", ""},
      {"echo", echo},
      {"delta", static_cast<std::int64_t>(took)},
      {"user_input", answer}});
}

/// The task that the loader puts before a role with argument_specs; people can write it, too.
TaskOutcome validate_arguments(TaskEvaluation& e, const Map& args) {
  const Value& spec = member(args, "argument_spec");
  if (!spec.is_map()) throw Error("argument_spec must be a mapping of options").at(e.task().module_where);
  Map given;
  for (const auto& [name, option] : spec.map()) {
    if (const auto raw = e.view().find(name)) given.set(name, e.context().world.engine.render(*raw, e.view()));
  }
  if (const Value& more = member(args, "provided_arguments"); more.is_map()) given.merge(more.map());
  Map result{{"validate_args_context", member(args, "validate_args_context")}};
  const Strings mistakes = argument_mistakes(spec.map(), given);
  if (mistakes.empty()) {
    result.set("msg", "The arg spec validation passed");
    return done(std::move(result));
  }
  std::string text = "Validation of arguments failed:";
  for (const auto& mistake : mistakes) text += "\n" + mistake;
  result.set("argument_errors", mistakes);
  result.set("argument_spec_data", spec);
  throw Error(text).at(e.task().where).with(std::move(result));
}

using Directive = TaskOutcome (*)(TaskEvaluation&, const Map&);
struct Named {
  std::string_view name;
  Directive carry_out;
};
constexpr std::array<Named, 7> directives = {{{"include_tasks", include_tasks},
                                              {"include_role", include_role},
                                              {"include_vars", include_vars},
                                              {"add_host", add_host},
                                              {"group_by", group_by},
                                              {"pause", pause},
                                              {"validate_argument_spec", validate_arguments}}};

const Named* find(std::string_view name) {
  const auto* found =
      std::find_if(directives.begin(), directives.end(), [&](const Named& d) { return d.name == name; });
  return found == directives.end() ? nullptr : found;
}

}  // namespace

bool is_directive(std::string_view module) {
  return find(module) != nullptr;
}

TaskOutcome directive(TaskEvaluation& evaluation) {
  const std::string& name = evaluation.task().module;
  const Spec& spec = *find_directive(name);
  const Map args = spec.check(evaluation.rendered_arguments(&spec));
  if (evaluation.settings().check_mode() && (name == "pause")) return done(Map{{"skipped", true}}, Status::skipped);
  return find(name)->carry_out(evaluation, args);
}

}  // namespace agent::executor
