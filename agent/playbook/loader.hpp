#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <agent/playbook/files.hpp>
#include <agent/playbook/playbook.hpp>
#include <agent/playbook/problem.hpp>

namespace agent {

/// Reads playbooks, task files and roles into the model. import_* are spliced in here; include_* remain tasks, for
/// which the executor comes back at run time (`tasks`, `role`). Files are read once and kept. One thread at a time.
class PlaybookLoader {
 public:
  struct Options {
    std::vector<Path> roles_path;  ///< searched after the playbook's own `roles/`
    /// Renders a name that is a template (of an import, of a role) with the variables known at load: extra and play
    /// vars. Missing: such names are an error.
    std::function<Value(const Value& text, const Map& variables)> render;
    Map extra_vars;
    /// Tells modules from misspelt keywords in a task that has several unknown keys. May be missing.
    std::function<bool(const std::string& canonical)> knows_module;
    /// Where all of it is read from; has to outlive the loader.
    const Files* files = &local_files();
  };
  explicit PlaybookLoader(Options options);
  ~PlaybookLoader();

  /// Reads a playbook and all that it imports. Whatever is wrong goes to `problems`; what could be read is returned.
  Playbook load(const Path& file, Problems& problems);
  /// The same, and throws the first error.
  Playbook load(const Path& file);

  /// What include_tasks brings. The tasks inherit from `parent` (the scope around the include task, that is
  /// `task.scope->parent`), then from `apply`.
  struct TaskFile {
    Path file;  ///< absolute, or found by `find_tasks`
    ScopePtr parent;
    Map params;  ///< the include task's `vars`
    Map apply;   ///< `apply:`, block keywords
    bool as_handlers = false;
  };
  /// Throws Error when the file is missing or wrong. The result is one implicit block (or several items of handlers).
  Items tasks(const TaskFile& request);
  /// The same, and notes all mistakes instead.
  Items tasks(const TaskFile& request, Problems& problems);
  /// The file that `include_tasks: name` means for a task in `scope`: beside the including file, in the role's tasks/,
  /// beside the playbook. Throws Error naming the places.
  Path find_tasks(const std::string& name, const Scope& scope, const Path& playbook_directory) const;

  /// What include_role brings: the blocks of its dependencies and its own, and all their handlers.
  struct RoleRequest {
    std::string name;
    std::string tasks_from = "main", vars_from = "main", defaults_from = "main", handlers_from = "main";
    ScopePtr parent;
    Map params;
    Map apply;
    bool allow_duplicates = true;
    bool validate = true;  ///< `rolespec_validate`
    Path playbook_directory;
    Where where;  ///< of the name, for errors
  };
  struct LoadedRole {
    RolePtr role;
    std::vector<RolePtr> all;  ///< dependencies first, the role itself last
    Items tasks;
    Items handlers;
  };
  LoadedRole role(const RoleRequest& request);
  /// The same, and notes all mistakes instead.
  LoadedRole role(const RoleRequest& request, Problems& problems);

  /// A file of variables (vars_files, include_vars, -e @file): its map, raw. Throws Error when it is no mapping.
  Map variables(const Path& file);

  const Files& files() const;
  const std::vector<Path>& roles_path() const;
  /// The names of the files read so far.
  Strings files_read() const;
  /// The text of every file read so far, for showing the line of an error.
  const std::string* text_of(const std::string& file) const;
  /// "sha256:..." of all that was read so far: the same for the same contents, whatever the files are called.
  std::string fingerprint() const;
  /// The line that `where` points into; empty when its file was not read here.
  std::string_view line_of(const Where& where) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace agent
