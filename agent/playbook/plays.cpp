#include <algorithm>

#include <agent/playbook/keywords.hpp>
#include <agent/playbook/loader_state.hpp>
#include <agent/playbook/settings.hpp>

namespace agent {
namespace {

const Value* import_name(const Map& map) {
  for (const char* key : {"import_playbook", "ansible.builtin.import_playbook"})
    if (const Value* name = map.find(key)) return name;
  return nullptr;
}

/// A list of tasks given where a playbook is expected is an ordinary mix-up.
bool looks_like_task(const Map& map) {
  return std::none_of(map.begin(), map.end(), [](const auto& entry) {
    return entry.first == "tasks" || entry.first == "roles" || entry.first == "handlers" || entry.first == "pre_tasks";
  });
}

using PlayMember = std::optional<Value> Play::*;
struct PlayKeyword {
  std::string_view name;
  enum { boolean, number, any } takes;
  PlayMember member;
};
constexpr PlayKeyword play_keywords[] = {
    {"gather_facts", PlayKeyword::boolean, &Play::gather_facts},
    {"force_handlers", PlayKeyword::boolean, &Play::force_handlers},
    {"gather_timeout", PlayKeyword::number, &Play::gather_timeout},
    {"max_fail_percentage", PlayKeyword::number, &Play::max_fail_percentage},
    {"gather_subset", PlayKeyword::any, &Play::gather_subset},
    {"fact_path", PlayKeyword::any, &Play::fact_path},
    {"serial", PlayKeyword::any, &Play::serial},
    {"strategy", PlayKeyword::any, &Play::strategy},
    {"order", PlayKeyword::any, &Play::order},
};

std::optional<Prompt> prompt(const Reading& reading, const Value& entry) {
  const Value* name = entry.find("name");
  if (!name || !name->is_string()) {
    reading.error("keyword-value", Error("an entry of 'vars_prompt' is a mapping with 'name'").at(entry.where()));
    return {};
  }
  Prompt made;
  made.name = name->string();
  made.where = entry.where();
  const auto yes = [&](const char* key, bool otherwise) {
    const Value& value = entry[key];
    return value.is_boolean() ? value.boolean() : otherwise;
  };
  made.prompt = scalar_text(entry["prompt"]).value_or(made.name);
  made.default_value = entry["default"];
  made.is_private = yes("private", true);
  made.confirm = yes("confirm", false);
  made.unsafe = yes("unsafe", false);
  made.encrypt = scalar_text(entry["encrypt"]).value_or("");
  made.salt = scalar_text(entry["salt"]).value_or("");
  if (entry["salt_size"].is_integer()) made.salt_size = entry["salt_size"].integer();
  return made;
}

}  // namespace

Playbook PlaybookLoader::State::playbook(const Path& file, Problems& problems) {
  Playbook result;
  result.file = file.lexically_normal();
  Context context{problems, result.file.parent_path(), options_.extra_vars, {}, {}, false};
  if (context.playbook_directory.empty()) context.playbook_directory = ".";
  playbook_file(file, {}, nullptr, {}, result, context);
  return result;
}

void PlaybookLoader::State::playbook_file(const Path& file, const Where& asked_at, const ScopePtr& parent,
                                          const Map& import_vars, Playbook& playbook, Context& context) {
  const Path path = file.lexically_normal();
  const auto& open_files = context.open_files;
  if (std::find(open_files.begin(), open_files.end(), path) != open_files.end() || open_files.size() > 60)
    return context.problems.error("import-circle", Error("'" + path.string() + "' imports itself").at(asked_at));
  const SourceFile* source = open(path, asked_at, context.problems);
  if (!source) return;
  const Reading reading(*source, context.problems);
  const Value& root = source->document.root;
  if (!root.is_list())
    return reading.error(
        "playbook", Error("a playbook is a list of plays, not " + std::string(name_of(root.kind())))
                        .at(root.where() ? root.where() : Where{std::make_shared<std::string>(path.string()), 1, 1})
                        .hint("start with '- hosts: all'"));
  context.open_files.push_back(path);
  for (const Value& entry : root.list()) {
    if (!entry.is_map())
      reading.error("playbook",
                    Error("a play is a mapping, not " + std::string(name_of(entry.kind()))).at(entry.where()));
    else if (import_name(entry.map()))
      import_playbook(reading, entry.map(), parent, import_vars, playbook, context);
    else
      play_into(playbook, reading, entry.map(), entry.where(), parent, import_vars, context);
  }
  context.open_files.pop_back();
}

void PlaybookLoader::State::import_playbook(const Reading& reading, const Map& map, const ScopePtr& parent,
                                            const Map& import_vars, Playbook& playbook, Context& context) {
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::import;
  scope->parent = parent;
  scope->directory = reading.directory();
  scope->where = reading.key(map, map.begin()->first);
  for (const auto& [key, value] : map) {
    if (keywords::has(keywords::of_import_playbook(), key))
      read_setting(reading, key, value, scope->settings);
    else
      reading.unknown_keyword("'import_playbook'", map, key, keywords::of_import_playbook());
  }
  const Value& named = *import_name(map);
  Map vars = import_vars;
  vars.merge(scope->settings.vars);
  scope->settings.vars = {};  // they become the plays' own
  Context inner = context;
  inner.variables.merge(vars);
  const auto name = render_name(named, inner);
  if (!name || name->empty()) return;
  const Path file = Path(*name).is_absolute() ? Path(*name) : reading.directory() / *name;
  playbook_file(file, named.where(), scope, vars, playbook, context);
}

void PlaybookLoader::State::play_into(Playbook& playbook, const Reading& reading, const Map& map, const Where& where,
                                      const ScopePtr& parent, const Map& import_vars, Context& context) {
  Play play;
  play.where = where;
  play.directory = reading.directory();
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::play;
  scope->parent = parent;
  scope->directory = play.directory;
  scope->where = where;
  for (const auto& [key, value] : map) play_keyword(reading, map, key, value, play, *scope);
  if (!map.contains("hosts")) {
    Error missing = Error("a play needs 'hosts'").at(where);
    if (looks_like_task(map)) missing.hint("this looks like a task: tasks stand under 'tasks:' of a play");
    reading.error("playbook", std::move(missing));
  } else if (play.hosts.is_null() || play.hosts.is_map() || (play.hosts.is_list() && play.hosts.list().empty())) {
    reading.error("playbook", Error("'hosts' names no host").at(reading.key(map, "hosts")).hint("write 'hosts: all'"));
  }
  scope->settings.vars.merge(import_vars);
  play.scope = std::move(scope);
  play_contents(reading, map, play, context);
  playbook.plays.push_back(std::move(play));
}

void PlaybookLoader::State::play_keyword(const Reading& reading, const Map& map, const std::string& key,
                                         const Value& value, Play& play, Scope& scope) {
  if (key == "name") {
    if (auto name = reading.text(key, value)) play.name = std::move(*name);
    return;
  }
  if (key == "hosts") {
    play.hosts = value;
    return;
  }
  const Settings& settings = scope.settings;
  if (key == "when" || key == "notify" || key == "delegate_to" || key == "delegate_facts" ||
      (!read_setting(reading, key, value, scope.settings) && !keywords::has(keywords::of_play(), key)))
    return reading.unknown_keyword("a play", map, key, keywords::of_play());
  if (key == "user" && !settings.remote_user) scope.settings.remote_user = reading.text(key, value);
  for (const PlayKeyword& keyword : play_keywords)
    if (keyword.name == key)
      play.*keyword.member = keyword.takes == PlayKeyword::boolean  ? reading.boolean(key, value)
                             : keyword.takes == PlayKeyword::number ? reading.number(key, value)
                             : value.is_null()                      ? std::nullopt
                                                                    : std::optional(value);
  if (key == "vars_files") {
    if (value.is_list())
      play.vars_files = value.list();
    else if (!value.is_null())
      play.vars_files = {value};
  }
  if (key == "vars_prompt" && value.is_list())
    for (const Value& entry : value.list())
      if (auto made = prompt(reading, entry)) play.vars_prompt.push_back(std::move(*made));
}

Map PlaybookLoader::State::play_variables(const Reading& reading, const Play& play, Context& context) {
  Map variables = play.scope->settings.vars;
  for (const Value& entry : play.vars_files) {
    // Only for names of imports: a file that is missing, or has a name made at run time, is not this reader's matter.
    const Value& first = entry.is_list() && !entry.list().empty() ? entry.list().front() : entry;
    if (!first.is_string() || has_braces(first)) continue;
    const Path file = reading.directory() / first.string();
    Problems ignored;
    if (files().is_file(file)) variables.merge(this->variables(file, first.where(), ignored));
  }
  variables.merge(context.variables);
  return variables;
}

void PlaybookLoader::State::play_contents(const Reading& reading, const Map& map, Play& play, Context& context) {
  LoadedRole imported;
  Context inner = context;
  inner.playbook_directory = play.directory.empty() ? Path(".") : play.directory;
  inner.variables = play_variables(reading, play, context);
  inner.imported_roles = &imported;
  const auto part = [&](const char* key) {
    const Value* list = map.find(key);
    return list ? items(reading, *list, play.scope, inner) : Items{};
  };
  play.pre_tasks = part("pre_tasks");
  if (const Value* roles = map.find("roles"); roles && !roles->is_null()) play_roles(reading, *roles, play, inner);
  play.tasks = part("tasks");
  play.post_tasks = part("post_tasks");
  inner.is_handlers = true;
  Items own = part("handlers");
  play.handlers.insert(play.handlers.end(), imported.handlers.begin(), imported.handlers.end());
  play.handlers.insert(play.handlers.end(), own.begin(), own.end());
  play.static_roles.insert(play.static_roles.end(), imported.all.begin(), imported.all.end());
}

void PlaybookLoader::State::play_roles(const Reading& reading, const Value& list, Play& play, Context& context) {
  if (!list.is_list()) return reading.wrong_kind("roles", "a list of roles", list);
  for (const Value& entry : list.list()) {
    const auto use = role_entry(reading, entry, play.scope, context);
    if (!use) continue;
    LoadedRole loaded;
    role(*use, loaded, context);
    play.roles.insert(play.roles.end(), loaded.tasks.begin(), loaded.tasks.end());
    play.handlers.insert(play.handlers.end(), loaded.handlers.begin(), loaded.handlers.end());
    play.static_roles.insert(play.static_roles.end(), loaded.all.begin(), loaded.all.end());
  }
}

}  // namespace agent
