#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <agent/executor/run.hpp>
#include <agent/wire/module_index.hpp>

namespace agent::executor {

/// Where plays are performed: files in a directory of their own, hosts that are only names, and modules that are
/// functions. Everything between, loader, templates and executor, is the real thing.
class Stage {
 public:
  using Module = std::function<TaskReply(const TaskRequest&)>;

  Stage();
  ~Stage();

  Stage& file(const std::string& name, const std::string& text);
  /// A host, with what the inventory says about it.
  Stage& host(const std::string& name, const Map& variables = {}, const Strings& groups = {});
  Stage& module(const std::string& name, Module carry_out);
  /// The facts of every machine; asking for them is counted.
  Stage& facts(const Map& facts);
  Options options;
  const Approval* approval = nullptr;
  Strings answers;  ///< of the person at the terminal

  /// Performs a playbook of this text.
  Stage& play(const std::string& text);
  Stage& play_file(const std::string& name);

  // What came of it.
  std::vector<Event> events;
  event::Recap recap;
  std::vector<TaskRequest> requests;
  int fact_calls = 0;
  std::atomic<bool> interrupted{false};

  /// "host task: status" for each result, items as "host task (item): status".
  Strings results() const;
  /// The messages of `debug`, in order.
  Strings said() const;
  /// The last result of a task by its name.
  const event::TaskResult& result(const std::string& task) const;
  /// The kinds of banners: "TASK x", "HANDLER x".
  Strings banners() const;
  Strings warnings() const;
  Counts counts(const std::string& host = "localhost") const;
  /// A variable of a host after the run.
  Value variable(const std::string& name, const std::string& host = "localhost") const;
  const std::string& directory() const { return directory_; }
  /// The controller's files, as the plays read them.
  const Files& files() const { return files_; }
  /// What the last play would take along to a machine.
  Luggage luggage() const;
  const Play& last_play() const { return playbook_.back().plays.back(); }

 private:
  class StageHosts;
  class StageMachines;
  class StageConsole;
  class StageEvents;
  void add_usual_modules();

  std::string directory_;
  std::map<std::string, Module> modules_;
  std::map<std::string, Map> hosts_;
  Strings order_;
  std::map<std::string, Strings> groups_;
  Map facts_;
  RecordedFiles files_{local_files()};
  std::vector<Playbook> playbook_;
  std::unique_ptr<World> world_;
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace agent::executor
