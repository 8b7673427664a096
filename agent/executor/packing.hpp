#pragma once

#include <memory>
#include <set>
#include <string>

#include <agent/executor/luggage.hpp>

namespace agent::executor {

/// Goes through all that a play says, roles and includes too: finds what ties it to the controller, and has the files
/// that it names looked at, so that they are known when it leaves. Whatever cannot be told beforehand ties it.
class Packing {
 public:
  Packing(World& world, Luggage& luggage) : world_(world), luggage_(luggage) {}

  void pack(const Play& play, const Path& playbook_directory);
  /// Looks through texts that may be templates.
  void text(const Value& value);
  void text(const std::string& text, const Where& where);

  const std::optional<std::string>& tie() const { return tie_; }
  bool names_groups() const { return names_groups_; }
  bool reads_variables() const { return reads_variables_; }
  bool becomes() const { return becomes_; }

 private:
  void tie(const std::string& what, const Where& where);
  void lookups(const std::string& text, const Where& where);
  void scope(const Scope& scope);
  void role(const Role& role);
  void items(const Items& items);
  void task(const Task& task);
  void loop(const Task& task);
  void include_tasks(const Task& task);
  void include_role(const Task& task);
  void include_vars(const Task& task);
  void files_of(const Task& task, const Spec& spec);
  /// Has the files looked at that `name` may mean.
  std::vector<Path> look_at(const Value& name, std::string_view kind, const Scope& scope);
  void variables(const Path& file, const Where& where);
  void content(const Path& file, bool is_template, const Where& where);
  void root(const Path& path);

  World& world_;
  Luggage& luggage_;
  Path directory_;
  std::optional<std::string> tie_;
  bool names_groups_ = false, reads_variables_ = false, becomes_ = false;
  // What was read in, kept so that no address below means two things.
  std::vector<std::shared_ptr<const PlaybookLoader::LoadedRole>> read_;
  std::set<const Scope*> scopes_;
  std::set<const Role*> roles_;
  std::set<std::string> included_, literals_;
  std::size_t taken_ = 0;  // bytes of files that are sent ahead
  int depth_ = 0;
};

}  // namespace agent::executor
