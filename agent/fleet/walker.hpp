#pragma once

#include <atomic>
#include <map>
#include <memory>

#include <agent/executor/world.hpp>
#include <agent/fleet/dialogue.hpp>
#include <agent/fleet/journalled_runner.hpp>

namespace agent::fleet {

/// The target's side of walks: an executor that has one host, this machine, and asks the controller for the files and
/// lookups that it lacks, and where others are concerned.
class Walker {
 public:
  /// `runner` carries out the calls of modules, and keeps the journal. All of these have to outlive the walker.
  Walker(const std::string& host, const ModuleIndex& index, JournalledRunner& runner, Dialogue& controller,
         const std::atomic<bool>& interrupted);
  ~Walker();
  /// One play (protocol::walk); says how it ended. Throws Error when it cannot begin.
  Value walk(const Value& with);

 private:
  class OneHost;
  class Services;
  class Here;
  class Nobody;
  class Upwards;
  class Sent;
  class OnTheWay;
  void begin(const Value& world);
  const Playbook& playbook(const Path& file);

  std::string host_;
  const ModuleIndex& index_;
  JournalledRunner& runner_;
  Dialogue& controller_;
  const std::atomic<bool>& interrupted_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<jinja::Engine> engine_;
  std::unique_ptr<PlaybookLoader> loader_;
  std::unique_ptr<OneHost> hosts_;
  std::unique_ptr<Here> here_;
  std::unique_ptr<Nobody> nobody_;
  std::unique_ptr<Upwards> upwards_;
  std::unique_ptr<executor::World> world_;
  std::map<std::string, Playbook> playbooks_;
  bool has_walked_ = false;
};

}  // namespace agent::fleet
