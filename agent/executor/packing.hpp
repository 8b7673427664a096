#pragma once

#include <memory>
#include <set>
#include <string>

#include <agent/executor/luggage.hpp>

namespace agent::executor {

// Why something ties a play to the controller.
constexpr std::string_view concerns_others = "it concerns other machines, and this one will be alone with the play";
constexpr std::string_view looks_here = "it looks at the controller, which the machine cannot ask";
constexpr std::string_view cannot_be_told = "which file that will be cannot be told beforehand";
constexpr std::string_view cannot_be_read = "it cannot be taken along";
constexpr std::string_view needs_a_person = "a person is asked, and nobody will be there";

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
  /// What the play does that only a machine with a line to the controller can do.
  const std::vector<Error>& bonds() const { return bonds_; }
  const std::vector<Where>& encrypted() const { return encrypted_; }
  bool names_groups() const { return names_groups_; }
  bool reads_variables() const { return reads_variables_; }
  bool becomes() const { return becomes_; }
  bool gathers() const { return gathers_; }
  bool brings_variables() const { return brings_variables_; }
  /// The tasks that are delegated to the controller, by where they stand.
  const std::map<std::string, const Task*>& errands() const { return errands_; }

 private:
  void tie(const std::string& what, const Where& where, std::string_view why);
  void bond(const std::string& what, const Where& where, std::string_view why);
  void lookups(const std::string& text, const Where& where);
  void looked_up(const std::string& name, const std::string& term, const Where& where);
  void scope(const Scope& scope);
  void role(const Role& role);
  void items(const Items& items);
  void task(const Task& task);
  void delegated(const Task& task);
  void done_once(const Task& task);
  /// What stands in the task itself.
  void said_by(const Task& task);
  void loop(const Task& task);
  void include_tasks(const Task& task);
  void include_role(const Task& task);
  void include_vars(const Task& task);
  void files_of(const Task& task, const Spec& spec);
  /// Has the files looked at that `name` may mean.
  std::vector<Path> look_at(const Value& name, std::string_view kind, const Scope& scope);
  void variables(const Path& file, const Where& where);
  void content(const Path& file, bool is_template, const Where& where);
  void tree(const Path& directory, const Task& task);
  void root(const Path& path);

  World& world_;
  Luggage& luggage_;
  Path directory_;
  std::optional<std::string> tie_;
  std::vector<Error> bonds_;
  std::vector<Where> encrypted_;
  bool names_groups_ = false, reads_variables_ = false, becomes_ = false, gathers_ = false;
  bool brings_variables_ = false;  // a role that is included leaves its own behind
  bool is_done_here_ = false;      // the task at hand is
  std::map<std::string, const Task*> errands_;
  std::set<std::string> told_;  // of the bonds
  // What was read in, kept so that no address below means two things.
  std::vector<std::shared_ptr<const PlaybookLoader::LoadedRole>> read_;
  std::set<const Scope*> scopes_;
  std::set<const Role*> roles_;
  std::set<std::string> included_, literals_;
  std::size_t taken_ = 0;  // bytes of files that are sent ahead
  int depth_ = 0;
};

}  // namespace agent::executor
