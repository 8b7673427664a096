#include <algorithm>

#include <unistd.h>

#include <agent/executor/variable_view.hpp>

namespace agent::executor {
namespace {

/// A playbook is often named without its directory; what plays see is where things are.
Path whole_path(const World& world, const Path& path) {
  const Path from_root = path.is_absolute() ? path : world.loader.files().working_directory() / path;
  const Path normal = from_root.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

std::string directory_of(const World& world, const std::string& source) {
  const Path path = Path(source);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return whole_path(world, path).string();
  return std::filesystem::exists(path, error) ? whole_path(world, path).parent_path().string() : "";
}

/// Ansible's directories for lookups: the roles', inner to outer, the task file's, the playbook's.
Value search_path_of(const agent::Scope* scope, const PlayContext& play) {
  Strings out;
  const auto add = [&](const Path& path) {
    const std::string text = whole_path(play.world, path).string();
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(text);
  };
  for (const auto* s = scope; s; s = s->parent.get())
    if (s->kind == agent::Scope::Kind::role && s->role) add(s->role->path);
  if (scope) add(scope->directory);
  add(play.playbook_directory);
  return out;
}

}  // namespace

std::vector<RolePtr> static_roles(const Play& play) {
  std::vector<RolePtr> roles = play.static_roles;
  const std::function<void(const Items&)> visit = [&](const Items& items) {
    for (const auto& item : items) {
      const auto* block = std::get_if<BlockPtr>(&item);
      if (!block) continue;
      const auto& scope = (*block)->scope;
      if (scope && scope->kind == agent::Scope::Kind::role && scope->role &&
          std::find(roles.begin(), roles.end(), scope->role) == roles.end())
        roles.push_back(scope->role);
      visit((*block)->block);
    }
  };
  for (const Items* items : {&play.pre_tasks, &play.tasks, &play.post_tasks}) visit(*items);
  return roles;
}

HostState& World::state_of(const std::string& host) {
  const std::lock_guard lock(states_mutex);
  auto& state = states[host];
  if (!state) state = std::make_unique<HostState>(host, hosts.variables(host));
  return *state;
}

bool PlayContext::wants(const Task& task, const std::string& task_name) {
  const std::lock_guard lock(step_mutex_);
  if (!world.options.step) return true;
  if (const auto known = step_answers_.find(&task); known != step_answers_.end()) return known->second;
  const auto answer = world.console.ask("Perform task: TASK: " + task_name + " (N)o/(y)es/(c)ontinue:", true);
  const std::string word = answer.value_or("");
  if (word == "c" || word == "continue") world.options.step = false;
  return step_answers_[&task] = word == "y" || word == "yes" || !world.options.step;
}

void PlayContext::prepare() {
  roles = static_roles(play);
  const Strings sources = world.hosts.sources();
  Strings role_names;
  for (const auto& role : roles) role_names.push_back(role->name);
  magic = Map{{"playbook_dir", whole_path(world, playbook_directory).string()},
              {"ansible_play_name", name},
              {"ansible_play_hosts_all", all_hosts},
              {"ansible_play_role_names", role_names},
              {"role_names", role_names},
              {"ansible_inventory_sources", sources},
              {"ansible_run_tags", world.options.tags.only.empty() ? Strings{"all"} : world.options.tags.only},
              {"ansible_skip_tags", world.options.tags.skip},
              {"ansible_diff_mode", world.options.diff},
              {"ansible_forks", world.options.forks},
              {"ansible_verbosity", world.options.verbosity},
              {"ansible_config_file", Value()},
              {"ansible_playbook_python", "/usr/bin/python3"},
              // The release whose behaviour is the reference (tests/requirements.txt): roles ask for it.
              {"ansible_version", Map{{"full", "2.19.14"},
                                      {"major", 2},
                                      {"minor", 19},
                                      {"revision", 14},
                                      {"string", "2.19.14"},
                                      {"agent", world.options.version}}}};
  if (!world.options.limit.empty()) magic.set("ansible_limit", world.options.limit);
  if (!sources.empty()) {
    magic.set("inventory_dir", directory_of(world, sources.front()));
    magic.set("inventory_file", whole_path(world, sources.front()).string());
  }
}

std::optional<Value> VariableView::magic(std::string_view name) const {
  if (name == "inventory_hostname") return Value(host_.name());
  if (name == "inventory_hostname_short") return Value(host_.name().substr(0, host_.name().find('.')));
  if (name == "omit") return jinja::omit();
  if (name == "hostvars") return hostvars(world_);
  if (name == "groups") return Value(world_.hosts.groups());
  if (name == "group_names") return Value(world_.hosts.groups_of(host_.name()));
  if (name == "ansible_check_mode") return Value(world_.options.check);
  if (!play_) return std::nullopt;
  if (const Value* value = play_->magic.find(name)) return *value;
  if (name == "vars")
    // The view outlives every evaluation that can see it, so nothing is owned here.
    return Value(std::static_pointer_cast<const Object>(std::make_shared<const jinja::View>(
        std::shared_ptr<const jinja::Scope>(std::shared_ptr<const void>(), static_cast<const jinja::Scope*>(this)))));
  if (name == "ansible_play_hosts" || name == "play_hosts" || name == "ansible_play_batch") {
    Strings left;
    const bool is_part = name != "ansible_play_hosts" && play_->batch.size() < play_->all_hosts.size();
    for (const auto& host : is_part ? play_->batch : play_->all_hosts)
      if (const auto& state = world_.state_of(host); !state.failed && !state.unreachable) left.push_back(host);
    return Value(left);
  }
  return role_magic(name);
}

std::optional<Value> VariableView::role_magic(std::string_view name) const {
  if (name == "ansible_search_path") return search_path_of(scope_, *play_);
  const bool asks = name == "role_path" || name == "role_name" || name == "ansible_role_name" || name == "role_uuid" ||
                    name == "ansible_parent_role_names" || name == "ansible_parent_role_paths" ||
                    name == "ansible_collection_name" || name == "ansible_dependent_role_names";
  if (!asks) return std::nullopt;
  const Role* role = scope_ ? role_of(*scope_) : nullptr;
  if (!role) return std::nullopt;
  if (name == "role_path") return Value(whole_path(world_, role->path).string());
  if (name == "role_name") return Value(role->name);
  if (name == "ansible_role_name")
    return Value(role->collection.empty() ? role->name : role->collection + "." + role->name);
  if (name == "ansible_collection_name") return role->collection.empty() ? Value() : Value(role->collection);
  if (name == "ansible_parent_role_names")
    return role->parents.empty() ? std::nullopt : std::optional<Value>(role->parents);
  if (name == "ansible_dependent_role_names") return Value(role->parents);
  return std::nullopt;
}

}  // namespace agent::executor
