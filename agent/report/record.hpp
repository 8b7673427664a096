#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <agent/report/clock.hpp>
#include <agent/wire/event.hpp>

namespace agent::report {

/// What a run, or one of its hosts, came to. In a check `drift` also stands for what is not known.
enum class Verdict { compliant, drift, converged, failed, unreachable, interrupted };
std::string_view name_of(Verdict verdict);

/// A whole run, put together from its events: what every report that is written at the end is made of.
struct Record {
  /// How a task ended on a host.
  struct Outcome {
    event::TaskResult result;
    std::vector<event::TaskResult> items;  ///< of its loop, in order
    /// Those of the task, or of all items.
    std::vector<Change> changes() const;
  };
  struct Task {
    std::size_t play = 0;
    std::string name, module;
    Where where;
    bool handler = false;
    Time started;
    std::map<std::string, Outcome> hosts;
  };
  struct Play {
    std::string name;
    Where where;
    Time started;
    Strings hosts;
  };

  event::RunStarted about;
  Time started, ended;
  std::vector<Play> plays;
  std::vector<Task> tasks;  ///< in the order in which they began first
  Strings warnings;
  event::Recap recap;

  Verdict verdict() const;
  Verdict verdict_of(const Counts& counts) const;
};

/// Makes the record. Batches of a play (`serial`) make one play; a task that comes again (an include in a loop, a
/// handler) is one task each time. Hosts need not keep in step.
class Recorder {
 public:
  /// `when`: the time of the event.
  void hear(const Event& event, Time when);
  const Record& record() const { return record_; }

 private:
  Record::Task& task_of(const std::string& key, std::size_t occurrence, const Record::Task& otherwise);
  void began(const event::PlayStarted& play, Time when);
  void began(const event::TaskStarted& task, Time when);
  void ended(const event::TaskResult& result, Time when);

  Record record_;
  std::size_t current_play_ = 0;
  /// By play, task and place: the tasks of `record_`, one for each time it came.
  std::map<std::string, std::vector<std::size_t>> known_;
  std::map<std::string, std::size_t> begun_;                           // in this batch
  std::map<std::string, std::map<std::string, std::size_t>> counted_;  // by host: how often it ended there
  std::map<std::string, std::vector<event::TaskResult>> items_;        // by host: of the loop that is under way
};

}  // namespace agent::report
