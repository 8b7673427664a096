#include <algorithm>

#include <glob.h>

#include <agent/executor/controller_files.hpp>
#include <agent/executor/errands.hpp>
#include <agent/executor/packing.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

constexpr std::size_t most_files = 300;
constexpr std::size_t largest_sent_ahead = 256u << 10, most_sent_ahead = 8u << 20;
/// Where everything is taken along.
constexpr std::size_t most_in_all = std::size_t{512} << 20;
constexpr int deepest = 30;

/// Where each `{{ }}` may be anything: "{{ os }}.yml" is "*.yml".
std::string pattern_of(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.compare(at, 2, "{{") == 0 ? text.find("}}", at) : std::string::npos;
    if (end != std::string::npos) {
      out += '*';
      at = end + 2;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::vector<Path> matching(const Path& pattern) {
  glob_t found{};
  std::vector<Path> out;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) out.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return out;
}

bool says_no(const std::optional<Value>& setting) {
  return !setting || setting->is_null() || as_flag(*setting) == false;
}

}  // namespace

void Packing::root(const Path& path) {
  const Path whole = world_.loader.files().working_directory() / path;
  std::error_code error;
  luggage_.roots_.insert(std::filesystem::weakly_canonical(whole, error).string());
}

void Packing::pack(const Play& play, const Path& playbook_directory) {
  directory_ = playbook_directory;
  for (const char* folder : {"files", "templates", "vars", "tasks"}) root(playbook_directory / folder);
  if (play.strategy && *play.strategy != Value("free") && *play.strategy != Value("host_pinned"))
    tie("'strategy: " + as_text(*play.strategy) + "'", play.strategy->where(), concerns_others);
  if (play.max_fail_percentage) tie("'max_fail_percentage'", play.max_fail_percentage->where(), concerns_others);
  for (const auto& prompt : play.vars_prompt)
    if (!world_.options.extra_vars.contains(prompt.name))
      bond("the question for '" + prompt.name + "'", prompt.where, needs_a_person);
  if (play.gather_subset) text(*play.gather_subset);
  if (play.gather_facts) text(*play.gather_facts);
  if (play.scope) scope(*play.scope);
  for (const auto& entry : play.vars_files)
    for (const auto& name : entry.is_list() ? entry.list() : List{entry})
      for (const auto& file : look_at(name, "vars", *play.scope)) variables(file, name.where());
  for (const auto& one : static_roles(play)) role(*one);
  for (const Items* part : {&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks, &play.handlers}) items(*part);
}

void Packing::scope(const Scope& one) {
  if (!scopes_.insert(&one).second) return;
  if (one.parent) scope(*one.parent);
  if (one.role) role(*one.role);
  const Settings& s = one.settings;
  becomes_ |= s.become.has_value();
  for (const auto& [name, setting] : {std::pair{"connection", &s.connection}, {"debugger", &s.debugger}})
    if (*setting && !(*setting)->is_null()) tie(std::string("'") + name + "'", (*setting)->where(), concerns_others);
  for (const auto& [name, setting] :
       {std::pair{"any_errors_fatal", &s.any_errors_fatal}, {"ignore_unreachable", &s.ignore_unreachable}})
    if (!says_no(*setting)) tie(std::string("'") + name + "'", (*setting)->where(), concerns_others);
  if (s.throttle && !s.throttle->is_null()) bond("'throttle'", s.throttle->where(), concerns_others);
  for (const auto* setting : {&s.become, &s.become_user, &s.become_method, &s.become_exe, &s.become_flags,
                              &s.ignore_errors, &s.no_log, &s.check_mode, &s.diff, &s.timeout, &s.environment})
    if (*setting) text(**setting);
  for (const auto* several : {&s.when, &s.tags, &s.notify})
    for (const auto& value : *several) text(value);
  for (const Map* map : {&s.vars, &s.module_defaults, &one.params}) text(Value(*map));
  const Path whole = (world_.loader.files().working_directory() / one.directory).lexically_normal();
  luggage_.directories_.insert((whole.has_filename() ? whole : whole.parent_path()).string());
}

void Packing::role(const Role& one) {
  if (!roles_.insert(&one).second) return;
  if (one.library)
    tie("the role's own modules", {std::make_shared<const std::string>(one.library->string()), 0, 0}, cannot_be_read);
  root(one.path);
  const Path whole = (world_.loader.files().working_directory() / one.path).lexically_normal();
  luggage_.directories_.insert((whole.has_filename() ? whole : whole.parent_path()).string());
  for (const Map* map : {&one.defaults, &one.vars, &one.argument_specs}) text(Value(*map));
  for (const auto& dependency : one.dependencies) role(*dependency);
}

void Packing::items(const Items& list) {
  for (const auto& item : list) {
    if (const auto* one = std::get_if<TaskPtr>(&item)) {
      task(**one);
      continue;
    }
    const Block& block = *std::get<BlockPtr>(item);
    if (block.scope) scope(*block.scope);
    for (const Items* part : {&block.block, &block.rescue, &block.always}) items(*part);
  }
}

// A task that is delegated to the controller is evaluated there: whatever it looks at, it looks at here.
void Packing::delegated(const Task& one) {
  const auto to = delegate_of(one);
  if (!to) return;
  const Where where = nearest(*one.scope, &Settings::delegate_to)->where();
  const auto [known, is_new] = errands_.emplace(one.where.text(), &one);
  const bool is_one_task = is_new || known->second == &one;
  if (to->empty() || depth_ > 0 || !world_.modules.find(one.module) || !is_one_task || !is_here(world_, *to))
    return tie("'delegate_to'", where, concerns_others);
  bond("'delegate_to'", where, concerns_others);
  is_done_here_ = true;
}

void Packing::done_once(const Task& one) {
  const Value* once = nearest(*one.scope, &Settings::run_once);
  if (!once || once->is_null() || as_flag(*once) == false) return;
  gathers_ = true;
  if (world_.modules.find(one.module))
    bond("'run_once'", once->where(), concerns_others);
  else
    tie("'run_once'", once->where(), concerns_others);
}

void Packing::task(const Task& one) {
  if (one.scope->parent) scope(*one.scope->parent);
  delegated(one);
  done_once(one);
  said_by(one);
  if (const auto* entry = world_.modules.find(one.module); entry && !is_done_here_) files_of(one, entry->spec);
  is_done_here_ = false;
}

void Packing::said_by(const Task& one) {
  static const Strings for_all = {"add_host", "group_by"};
  static const Strings harmless = {"flush_handlers", "end_host", "end_role", "noop", "clear_facts"};
  scope(*one.scope);
  text(one.name);
  text(Value(one.args));
  if (one.args_template) text(*one.args_template);
  if (one.free_text) text(*one.free_text);
  for (const auto* several : {&one.until, &one.changed_when, &one.failed_when, &one.listen})
    for (const auto& value : *several) text(value);
  for (const auto* value : {&one.retries, &one.delay, &one.async, &one.poll, &one.loop_control.label,
                            &one.loop_control.pause, &one.loop_control.break_when})
    if (*value) text(**value);
  loop(one);
  if (std::find(for_all.begin(), for_all.end(), one.module) != for_all.end())
    tie("'" + one.module + "'", one.module_where, concerns_others);
  if (one.module == "pause" && !one.args.contains("seconds") && !one.args.contains("minutes"))
    tie("'pause'", one.module_where, needs_a_person);
  if (one.module == "meta") {
    const Value* action = one.args.find("action");
    const std::string what = action ? as_text(*action) : one.free_text ? as_text(*one.free_text) : "noop";
    if (std::find(harmless.begin(), harmless.end(), what) == harmless.end())
      tie("'meta: " + what + "'", one.module_where, concerns_others);
  }
  if (one.module == "include_tasks") include_tasks(one);
  if (one.module == "include_role") include_role(one);
  if (one.module == "include_vars") include_vars(one);
}

// ---- what is read in on the way -------------------------------------------------------------------------------------

std::vector<Path> Packing::look_at(const Value& name, std::string_view kind, const Scope& scope) {
  const Files& files = world_.loader.files();
  if (!name.is_string() || name.string().empty()) return {};
  std::string pattern = pattern_of(name.string());
  if (pattern.front() == '~' || pattern.find("{%") != std::string::npos) {
    tie("a file whose name is not written out", name.where(), cannot_be_told);
    return {};
  }
  const bool is_made = pattern != name.string();
  // The same places in the same order as later, so that also what is not there is known.
  std::vector<Path> places =
      Path(pattern).is_absolute() ? std::vector<Path>{"/"} : search_path(scope, kind, directory_);
  std::vector<Path> found;
  const auto add = [&](const std::string& text) {
    for (const Path& place : places) {
      const Path candidate = Path(text).is_absolute() ? Path(text) : place / text;
      if (files.kind(candidate) == Files::Kind::none) continue;
      found.push_back(Path(text).is_absolute() ? candidate
                                               : (files.working_directory() / candidate).lexically_normal());
      return;
    }
  };
  if (!is_made) {
    add(pattern);
    return found;
  }
  // "{{ item }}" may be any of the names that are written anywhere in the play, "{{ x }}.conf" any that fits.
  const bool is_all_made = pattern.find_first_not_of("*/. ") == std::string::npos;
  if (Path(pattern).is_absolute() || pattern.find("..") != std::string::npos) {
    tie("a file whose name is not written out", name.where(), cannot_be_told);
    return {};
  }
  std::set<std::string> names;
  if (is_all_made) {
    for (const auto& literal : literals_)
      if (!literal.empty() && literal.front() != '/' && literal.find("..") == std::string::npos) names.insert(literal);
  }
  for (const Path& place : places)
    if (!is_all_made || place.filename() == kind)
      for (const Path& match : matching(place / pattern)) names.insert(match.lexically_relative(place).string());
  for (const auto& one : names) {
    if (found.size() > most_files) break;
    add(one);
  }
  if (found.empty() || found.size() > most_files)
    tie("a file whose name is not written out", name.where(), cannot_be_told);
  return found;
}

void Packing::variables(const Path& file, const Where& where) {
  try {
    text(Value(world_.loader.variables(file)));
  } catch (const Error&) {
    tie("'" + file.string() + "', which cannot be read", where, cannot_be_read);
  }
}

void Packing::include_vars(const Task& one) {
  reads_variables_ = true;
  const Value* file = one.args.find("file");
  if (!file && one.free_text) file = &*one.free_text;
  const Value* name = one.args.find("dir") ? one.args.find("dir") : file;
  if (!name) return;
  for (const auto& path : look_at(*name, "vars", *one.scope)) {
    if (world_.loader.files().is_file(path)) {
      variables(path, name->where());
      continue;
    }
    root(path);
    for (const auto& inside : world_.loader.files().below(path))
      if (inside.extension() == ".yml" || inside.extension() == ".yaml" || inside.extension() == ".json")
        variables(inside, name->where());
  }
}

void Packing::include_tasks(const Task& one) {
  const Value* name = one.args.find("file");
  if (!name && one.free_text) name = &*one.free_text;
  if (!name || ++depth_ > deepest) return tie("an include that cannot be followed", one.module_where, cannot_be_told);
  std::vector<std::string> names;
  if (!jinja::Engine::has_templates(*name)) {
    names.push_back(as_text(*name));
  } else {
    const std::string pattern = pattern_of(as_text(*name));
    const Role* around = role_of(*one.scope);
    for (const Path& place :
         {one.scope->directory, around ? around->path / "tasks" : directory_, directory_ / "tasks"}) {
      if (pattern.find_first_not_of("*/. ") == std::string::npos) {
        for (const auto& literal : literals_)
          if (literal.ends_with(".yml") || literal.ends_with(".yaml")) names.push_back(literal);
        break;
      }
      for (const Path& match : matching(place / pattern)) names.push_back(match.lexically_relative(place).string());
    }
    if (names.empty() || names.size() > most_files)
      tie("an include whose file is not written out", name->where(), cannot_be_told);
  }
  for (const auto& file : names) {
    PlaybookLoader::TaskFile request;
    try {
      request.file = world_.loader.find_tasks(file, *one.scope, directory_);
      if (!included_.insert(request.file.string()).second) continue;
      request.parent = one.scope->parent;
      request.as_handlers = one.is_handler;
      if (const Value* apply = one.args.find("apply"); apply && apply->is_map()) request.apply = apply->map();
      auto loaded = std::make_shared<PlaybookLoader::LoadedRole>();
      loaded->tasks = world_.loader.tasks(request);
      read_.push_back(loaded);
      items(loaded->tasks);
    } catch (const Error&) {
      // A name that only looks like one, or a mistake that the walk will meet and tell.
      if (names.size() == 1) tie("an include that cannot be read", one.module_where, cannot_be_read);
    }
  }
  --depth_;
}

void Packing::include_role(const Task& one) {
  PlaybookLoader::RoleRequest request;
  for (const auto& [argument, into] : {std::pair{"name", &request.name},
                                       {"tasks_from", &request.tasks_from},
                                       {"vars_from", &request.vars_from},
                                       {"defaults_from", &request.defaults_from},
                                       {"handlers_from", &request.handlers_from}}) {
    const Value* value = one.args.find(argument);
    if (!value) continue;
    if (!value->is_string() || jinja::Engine::has_templates(*value))
      return tie("a role whose name is not written out", one.module_where, cannot_be_told);
    *into = value->string();
  }
  if (!included_.insert("role " + request.name + " " + request.tasks_from).second) return;
  if (++depth_ > deepest) return tie("an include that cannot be followed", one.module_where, cannot_be_told);
  request.parent = one.scope->parent;
  request.playbook_directory = directory_;
  if (const Value* apply = one.args.find("apply"); apply && apply->is_map()) request.apply = apply->map();
  if (const Value* is_public = one.args.find("public"); is_public && as_flag(*is_public) != false)
    brings_variables_ = true;
  try {
    const auto loaded = std::make_shared<const PlaybookLoader::LoadedRole>(world_.loader.role(request));
    read_.push_back(loaded);
    for (const auto& each : loaded->all) role(*each);
    items(loaded->tasks);
    items(loaded->handlers);
  } catch (const Error&) {
    tie("a role that cannot be read", one.module_where, cannot_be_read);
  }
  --depth_;
}

// ---- files that modules take along ----------------------------------------------------------------------------------

void Packing::content(const Path& file, bool is_template, const Where& where) {
  const Files& files = world_.loader.files();
  if (!files.is_file(file)) return;
  try {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    files.mode(file);
    const bool takes_all = luggage_.amount_ == Luggage::Amount::everything;
    const bool is_small = size <= largest_sent_ahead && taken_ + size <= most_sent_ahead;
    if (takes_all && !error && taken_ + size > most_in_all) {
      bond("'" + file.string() + "'", where, "there are more than 512 MiB of files already");
    } else if (!error && (takes_all || is_small)) {
      const std::string bytes = files.content(file);
      taken_ += bytes.size();
      if (is_template) {
        text(bytes, where);
        for (const char* statement : {"include", "import", "extends", "from"})
          for (const char* open : {"{% ", "{%- ", "{%", "{%-"})
            if (bytes.find(std::string(open) + statement) != std::string::npos)
              tie(std::string("a template with '") + statement + "'", where, cannot_be_told);
      }
    } else if (is_template) {
      tie("a large template", where, cannot_be_read);
    }
  } catch (const std::exception&) {
    tie("'" + file.string() + "', which cannot be read", where, cannot_be_read);
  }
}

// A folder of files is asked for as a whole, on the way; where nobody can be asked it is taken now.
void Packing::tree(const Path& directory, const Task& one) {
  const Files& files = world_.loader.files();
  if (luggage_.amount_ != Luggage::Amount::everything || !files.is_directory(directory)) return;
  const Value* setting = one.args.find("local_follow");
  const std::optional<bool> follow = setting ? as_flag(*setting) : std::optional(true);
  try {
    for (const bool way : {true, false})
      if (!follow || *follow == way) files.tree(directory, way);
  } catch (const std::exception&) {
    tie("'" + directory.string() + "', which cannot be read", one.module_where, cannot_be_read);
  }
}

void Packing::files_of(const Task& one, const Spec& spec) {
  const auto is_remote = one.args.find("remote_src");
  if (is_remote && is_remote->is_boolean() && is_remote->boolean()) return;
  for (const auto& argument : spec.arguments) {
    if (argument.source.empty()) continue;
    const Value* name = one.args.find(argument.name);
    for (const auto& alias : argument.aliases)
      if (!name) name = one.args.find(alias);
    if (!name && one.free_text && spec.free_text == argument.name) name = &*one.free_text;
    if (!name || !name->is_string() || name->string().find("://") != std::string::npos) continue;
    Value looked = *name;
    if (spec.free_text == argument.name)
      looked = Value(name->string().substr(0, name->string().find(' '))).at(name->where());
    for (const auto& file : look_at(looked, argument.source, *one.scope)) {
      content(file, argument.source == "templates", name->where());
      tree(file, one);
    }
  }
}

}  // namespace agent::executor
