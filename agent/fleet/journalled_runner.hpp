#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <agent/fleet/journal.hpp>
#include <agent/wire/event.hpp>
#include <agent/wire/task.hpp>

namespace agent::fleet {

/// Has calls of modules carried out by `pool`, and writes down in the journal what is begun and how it ended. What the
/// journal knows as done, from a time before this process, is not done again: it is answered as it was then. So a play
/// that is walked once more comes by itself to the first call that was not done. A call is known by where in the walk
/// it stands; one of the controller's own walk by what is asked for.
///
/// A call that was begun and has no end is done again, and so is the last one where that failed: nothing came after it.
class JournalledRunner : public TaskRunner {
 public:
  /// What to do with a call that the journal does not know.
  enum class Beyond { carry_out, refuse };

  struct Ears {
    /// The journal can no longer be written, or was damaged.
    std::function<void(const std::string&)> warned;
    /// The machine is about to go down, and should be back within this time.
    std::function<void(std::chrono::seconds)> goes_down = {};
  };

  /// Without a journal all calls just pass through.
  JournalledRunner(std::unique_ptr<TaskRunner> pool, std::unique_ptr<Journal> journal, Beyond beyond, Ears ears);
  ~JournalledRunner() override;

  /// From here on calls belong to a walk through this play; "": to a walk of the controller's.
  void begin_walk(const std::string& play);
  /// The walk has come to a place.
  void come_to(const std::string& place);
  /// Keeps what else happens; nothing waits for the disk.
  void note(Map record);
  /// Keeps what the walk says here, unless it said it when the journal was written.
  void note_said(const std::string& what, Map record);
  bool has_journal() const { return journal_ != nullptr; }
  /// The controller knows all of it.
  void set_collected();
  /// What was known of the host when the last play before this one came to its end, as the journal has it; null where
  /// it has none.
  Value state_before(const std::string& play) const;

  /// What the controller answers where the walk needs it, and how that ended.
  struct Told {
    Value answer;
    Status status = Status::ok;
  };
  /// Asks the controller, unless the journal knows its answer. Null is nothing to be kept.
  Value told(const std::string& what, const std::function<Told()>& ask);

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override;
  Value facts(const Strings& subsets, const Identity& identity) override;
  void reset() override { pool_->reset(); }

 private:
  void learn(const Value& record);
  std::string key_of(const std::string& what, const Value& asked);
  void add(Map record, Journal::Durable durable);
  void expect_may_begin() const;
  TaskReply reboot(const std::string& key, const TaskRequest& request, const ProgressSink& progress);

  std::unique_ptr<TaskRunner> pool_;
  std::unique_ptr<Journal> journal_;
  Beyond beyond_;
  Ears ears_;
  std::map<std::string, Value> done_;
  std::map<std::string, Value> reboots_;              // that were begun
  std::vector<std::pair<std::string, Value>> walks_;  // plays that were begun, and the states behind them
  std::set<std::string> said_;
  std::string walk_, place_;
  std::map<std::string, int> counts_;  // calls so far, at each place
};

}  // namespace agent::fleet
