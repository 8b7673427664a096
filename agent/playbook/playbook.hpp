#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

/// The model: what a playbook says, checked in its shape and nothing more. Whatever may be a template is kept as the
/// raw Value that the file holds, with its place; rendering is the executor's.
namespace agent {

struct Role;

/// What play, role, import, include, block and task may all say. No value: not said here. See `nearest` for scalars;
/// `when`, `tags`, `environment`, `vars`, `module_defaults` and `notify` accumulate along the chain (`chain`).
struct Settings {
  std::optional<Value> become, become_user, become_method, become_exe, become_flags;
  std::optional<Value> connection, remote_user, port;
  std::optional<Value> delegate_to, delegate_facts, run_once;
  std::optional<Value> ignore_errors, ignore_unreachable, any_errors_fatal;
  std::optional<Value> no_log, check_mode, diff, timeout, throttle, debugger;
  std::optional<Value> environment;  ///< a map, a list of maps, or an expression; outer ones are overlaid by inner ones
  std::vector<Value> when;           ///< all must hold; text (bare expression) or boolean
  std::vector<Value> tags;           ///< comma text is split already; an entry may be a template
  std::vector<Value> notify;         ///< handler names or topics; entries may be templates
  Map vars;                          ///< raw, lazily rendered
  Map module_defaults;               ///< canonical module name (or "group/...") -> map of arguments
};

/// One level of inheritance. A task has one of its own; its parents are blocks, then role, import or include, then the
/// play (whose parent, if any, is the import_playbook that brought it, for `when` and `tags`).
struct Scope {
  enum class Kind { play, role, import, include, block, task };
  Kind kind = Kind::play;
  std::shared_ptr<const Scope> parent;
  Settings settings;
  /// The role that begins here; only where kind is `role`.
  std::shared_ptr<const Role> role;
  /// Role parameters (the free keys of a `roles:` entry, a dependency's keys) where kind is `role`; the include's
  /// variables where kind is `include`. They beat everything but extra vars.
  Map params;
  Path directory;  ///< of the file that holds this
  Where where;
};
using ScopePtr = std::shared_ptr<const Scope>;

/// The setting of `scope` or of its nearest parent that has one; null when nobody says anything.
const Value* nearest(const Scope& scope, std::optional<Value> Settings::*member);
/// The scopes from the outermost to `scope` itself.
std::vector<const Scope*> chain(const Scope& scope);
/// The innermost role that `scope` is part of; null outside roles.
const Role* role_of(const Scope& scope);
/// All conditions, tags, handler names along the chain, outermost first.
std::vector<Value> conditions(const Scope& scope);
std::vector<Value> tags(const Scope& scope);
std::vector<Value> notifications(const Scope& scope);

/// Where a relative name is looked for, first place first: `kind` is "files", "templates", "vars" or "tasks". Roles
/// first (inner to outer), then beside the file that holds the scope, then beside the playbook.
std::vector<Path> search_path(const Scope& scope, std::string_view kind, const Path& playbook_directory);

/// `loop: VALUE` (kind "loop") or `with_KIND: VALUE` (kind "items", "dict", "first_found", ...).
struct Loop {
  std::string kind;
  Value value;
  Where where;
};
struct LoopControl {
  std::string loop_var = "item";
  std::optional<std::string> index_var;
  std::optional<Value> label, pause, extended, extended_allitems, break_when;
};

struct Task {
  /// As written, maybe a template; null when there is none.
  Value name;
  Where where;         ///< of the task's first key
  ScopePtr scope;      ///< its own: kind `task`
  std::string module;  ///< the canonical short name: "copy", "include_tasks"; a name that we do not know as it stands
  std::string module_as_written;
  Where module_where;
  /// The arguments, not rendered; `k=v` text and `args:` are merged in already. `args: "{{ x }}"` is in
  /// `args_template`.
  Map args;
  /// Where the keys of `args` stand, in its order.
  std::vector<Where> argument_places;
  std::optional<Value> args_template;
  /// What remains of `command: ls -l`, of `include_tasks: x.yml`, of `meta: noop`, once `k=v` options are taken off.
  std::optional<Value> free_text;
  std::optional<std::string> register_name;
  std::optional<Loop> loop;
  LoopControl loop_control;
  std::vector<Value> until, changed_when, failed_when;
  std::optional<Value> retries, delay, async, poll;
  std::vector<Value> listen;  ///< of a handler
  bool is_handler = false;
  /// `local_action:`, which also is `delegate_to: localhost` (already set).
  bool is_local_action = false;
};

struct Block;
using TaskPtr = std::shared_ptr<const Task>;
using BlockPtr = std::shared_ptr<const Block>;
/// A task or a block, in the order of the file.
using Item = std::variant<TaskPtr, BlockPtr>;
using Items = std::vector<Item>;

/// A `block:`, and also whatever else only groups: the tasks of one role or of one import (then `is_implicit`).
struct Block {
  Value name;
  Where where;
  ScopePtr scope;  ///< its own
  Items block, rescue, always;
  bool is_implicit = false;
};

/// A role as it was asked for in one place. `tasks/` and `handlers/` are in the blocks whose scope names it.
struct Role {
  std::string name;        ///< as messages show it: the name without the path
  Path path;               ///< its directory
  std::string collection;  ///< "community.general" of "community.general.x", else empty
  Map defaults, vars;      ///< raw
  Map argument_specs;      ///< by entry point ("main"); empty where the role has none
  bool allow_duplicates = false;
  /// The names of the roles that brought this one in, nearest first (`ansible_parent_role_names`).
  Strings parents;
  /// Equal for two uses with the same name and parameters: then the role runs once per play and host, unless
  /// `allow_duplicates`.
  std::string identity;
  std::vector<std::shared_ptr<const Role>> dependencies;
  /// Its `library/` of external modules, where it has one.
  std::optional<Path> library;
};
using RolePtr = std::shared_ptr<const Role>;

struct Prompt {
  std::string name;
  std::string prompt;
  Value default_value;
  bool is_private = true, confirm = false, unsafe = false;
  std::string encrypt, salt;
  std::int64_t salt_size = 0;
  Where where;
};

struct Play {
  Value name;   ///< null: shown as the hosts
  Value hosts;  ///< a pattern, a list of patterns, or a template
  Where where;
  ScopePtr scope;                 ///< kind `play`: vars, become, tags, environment, ...
  Path directory;                 ///< of the playbook file
  std::vector<Value> vars_files;  ///< a name, or a list of which the first that exists is taken
  std::vector<Prompt> vars_prompt;
  std::optional<Value> gather_facts, gather_subset, gather_timeout, fact_path;
  std::optional<Value> serial, strategy, order, force_handlers, max_fail_percentage;
  Items pre_tasks;
  /// One implicit block per role, dependencies before those that need them; repetitions are kept (see Role::identity).
  Items roles;
  Items tasks, post_tasks;
  /// In the order of definition, roles' first: tasks, and implicit blocks of imports.
  Items handlers;
  /// The roles of `roles`, in order: their defaults and vars are visible in the whole play.
  std::vector<RolePtr> static_roles;
};

struct Playbook {
  Path file;
  std::vector<Play> plays;  ///< imported playbooks are spliced in
};

/// Calls `visit` for every task of `items`, blocks' rescue and always included, in the order of the file.
void for_each_task(const Items& items, const std::function<void(const Task&)>& visit);

}  // namespace agent
