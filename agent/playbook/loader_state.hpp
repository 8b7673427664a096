#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <agent/playbook/loader.hpp>
#include <agent/playbook/reading.hpp>
#include <agent/playbook/task.hpp>

namespace agent {

/// The loader's inside: files that were read, and the readers of plays, items and roles, which need each other.
class PlaybookLoader::State {
 public:
  explicit State(Options options) : options_(std::move(options)) {}

  /// What stays the same while one playbook, or one include, is read.
  struct Context {
    Problems& problems;
    Path playbook_directory;
    Map variables;                 ///< known at load: extra and play vars, for names of imports
    std::vector<Path> open_files;  ///< imports that are being read, against circles
    std::vector<Path> open_roles;  ///< dependencies likewise
    bool is_handlers = false;
    /// Where import_role leaves the handlers and roles that it brings into the play.
    LoadedRole* imported_roles = nullptr;
  };

  // loader.cpp
  /// The file, read once. Null when it cannot be read: that is noted (at `asked_at`, where there is such a place).
  const SourceFile* open(const Path& file, const Where& asked_at, Problems& problems);
  /// A file that was read, by the name that places show, or null.
  const SourceFile* source(const std::string& name) const;
  std::string fingerprint() const;
  /// A mapping of variables; an empty file is an empty mapping.
  Map variables(const Path& file, const Where& asked_at, Problems& problems);
  /// `text` rendered with what is known at load; nothing when it cannot be (that is noted).
  std::optional<std::string> render_name(const Value& text, Context& context);
  const Options& options() const { return options_; }
  const Files& files() const { return *options_.files; }
  Strings files_read() const;

  // plays.cpp
  Playbook playbook(const Path& file, Problems& problems);

  // items.cpp
  Items items(const Reading& reading, const Value& list, const ScopePtr& parent, Context& context);
  /// The tasks of a file of tasks.
  Items task_file(const Path& file, const Where& asked_at, const ScopePtr& parent, Context& context);
  Path find_tasks(const std::string& name, const Scope& scope, const Path& playbook_directory,
                  const Where& where) const;

  // roles.cpp
  /// How a role is asked for.
  struct RoleUse {
    std::string name;
    Where where;
    std::string tasks_from = "main", vars_from = "main", defaults_from = "main", handlers_from = "main";
    ScopePtr parent;
    Settings settings;  ///< of the entry
    Map params;
    bool allow_duplicates = false;
    bool validate = true;
    bool is_dependency = false;
  };
  /// Appends the role's dependencies and the role. Notes what is wrong.
  void role(const RoleUse& use, LoadedRole& loaded, Context& context);
  /// An entry of `roles:` or of `dependencies:`; nothing when it makes no sense (noted).
  std::optional<RoleUse> role_entry(const Reading& reading, const Value& entry, const ScopePtr& parent,
                                    Context& context);

 private:
  void play_into(Playbook& playbook, const Reading& reading, const Map& map, const Where& where, const ScopePtr& parent,
                 const Map& import_vars, Context& context);
  void playbook_file(const Path& file, const Where& asked_at, const ScopePtr& parent, const Map& import_vars,
                     Playbook& playbook, Context& context);
  void import_playbook(const Reading& reading, const Map& map, const ScopePtr& parent, const Map& import_vars,
                       Playbook& playbook, Context& context);
  void play_keyword(const Reading& reading, const Map& map, const std::string& key, const Value& value, Play& play,
                    Scope& scope);
  void play_contents(const Reading& reading, const Map& map, Play& play, Context& context);
  void play_roles(const Reading& reading, const Value& list, Play& play, Context& context);
  Map play_variables(const Reading& reading, const Play& play, Context& context);

  /// The variables that a name of a file or role may use before any host is asked, inside `scope`.
  Map known_variables(const Scope* scope, const Context& context) const;

  std::optional<Item> item(const Reading& reading, const Value& value, const ScopePtr& parent, Context& context);
  BlockPtr block(const Reading& reading, const Map& map, const Where& where, const ScopePtr& parent, Context& context);
  std::optional<Item> import_tasks(const Reading& reading, const Task& task, Context& context);
  std::optional<Item> import_role(const Task& task, Context& context);

  std::optional<Path> find_role(const std::string& name, const Scope* parent, const Context& context) const;
  std::shared_ptr<Role> make_role(const Path& path, const RoleUse& use, Context& context);
  void role_meta(Role& role, Context& context, const SourceFile*& meta);
  void dependencies(const SourceFile* meta, const std::shared_ptr<Role>& role, const ScopePtr& scope,
                    LoadedRole& loaded, Context& context);
  /// The variables of `defaults/` or `vars/`.
  Map role_variables(const Path& folder, const std::string& name, const RoleUse& use, Context& context);
  Items role_part(const Path& folder, const std::string& name, const ScopePtr& scope, const RoleUse& use,
                  Context& context);

  Options options_;
  std::map<std::string, std::unique_ptr<SourceFile>> files_;
};

}  // namespace agent
