#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// How a task, or one item of its loop, ended on one host. `rescued` and `ignored` are failures that do not count as
/// such: a rescue block took over, or `ignore_errors` said so.
enum class Status { ok, changed, would_change, unknown, skipped, failed, unreachable, rescued, ignored };
std::string_view name_of(Status status);
Status status_from(std::string_view name);

/// What one host's play came to.
struct Counts {
  int ok = 0, changed = 0, unreachable = 0, failed = 0, skipped = 0, rescued = 0, ignored = 0, unknown = 0;
  /// One more task that ended so: `ok` counts changed and ignored ones too.
  void add(Status status);
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// What is said while playbooks run, in order, by the executor; a report is a consumer of these. As data (`to_value`)
/// each is a map with `v` (the version below), `event` (the kind, the name of the struct in snake_case) and the fields
/// of its struct under the names they have here; fields that say nothing are left out. Adding a field keeps the
/// version. Secrets were taken out by whoever knows them, before an event is made.
namespace event {

constexpr int version = 1;

struct RunStarted {
  Strings playbooks;
  bool check = false;
  std::string run;             ///< the run's name, never given twice: "20261121-125012-4f2a91"
  std::string agent;           ///< the program's version
  std::string playbook_hash;   ///< "sha256:..." of all files that the playbooks are made of, as far as known beforehand
  std::string inventory_hash;  ///< "sha256:..." of all hosts, groups and their variables
  friend bool operator==(const RunStarted&, const RunStarted&) = default;
};
/// A play begins for these hosts; none: no host matched, and nothing follows.
struct PlayStarted {
  std::string play;
  Strings hosts;
  bool check = false;
  Where where;
};
/// A task begins, on all hosts of the batch that have it.
struct TaskStarted {
  std::string play;
  std::string task;  ///< as shown: "role : name"
  std::string module;
  bool handler = false;
  bool check = false;
  Where where;
};
/// A task, or with `item` one item of its loop, ended on a host.
struct TaskResult {
  std::string host;
  std::string delegate;  ///< the host it was done on, where that is another one
  std::string play;
  std::string task;
  std::string module;
  Where where;
  Status status = Status::ok;
  std::optional<std::string> item;  ///< its label
  bool loop = false;                ///< the task has a loop; its items had their own events
  Map result;                       ///< what `register` sees
  std::vector<Change> changes;
  Strings notes;
  Strings reasons;  ///< with status unknown, first cause first
  std::optional<Error> error;
  std::string output;   ///< what the module printed
  double duration = 0;  ///< seconds
  bool shown = false;   ///< the result is what the task is for (`debug`): shown without -v
};
/// A task failed and will be tried again; `left` counts the tries that remain.
struct Retrying {
  std::string host;
  std::string task;
  std::optional<std::string> item;
  int left = 0;
  Map result;
};
/// Long work says where it is; without a text: a host, of several, has come to `task`, or is through. May be dropped.
struct Progress {
  std::string host;
  std::string task;
  std::string text;
  double fraction = -1;  ///< negative where there is no measure
};
/// A file of tasks, a role or a file of variables was read in.
struct Included {
  std::string file;
  Strings hosts;
  std::optional<std::string> item;
};
/// Something a person should know that is no failure.
struct Warning {
  std::string text;
  Strings hints;
  Where where;
};
/// Hosts left, or nothing is left to do: "no more hosts left".
struct Notice {
  std::string text;
};
/// A question to the person at the terminal (`pause`), or what it waits for.
struct Prompt {
  std::string host;
  std::string text;
};
/// The end, always the last one.
struct Recap {
  std::map<std::string, Counts> hosts;
  bool check = false;
  std::string wall;   ///< what kept the check from changing the machine: "full", "landlock" or "none"
  Strings wall_gaps;  ///< what that does not hold back, a sentence each
  bool interrupted = false;
  double duration = 0;
};

}  // namespace event

using Event =
    std::variant<event::RunStarted, event::PlayStarted, event::TaskStarted, event::TaskResult, event::Retrying,
                 event::Progress, event::Included, event::Warning, event::Notice, event::Prompt, event::Recap>;

Value to_value(const Event& event);
/// Reads what `to_value` wrote; fields it does not know are passed over. Throws Error for another version or kind.
Event event_from(const Value& value);

/// Whoever wants to hear what happens. Called from one thread at a time.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on(const Event& event) = 0;
};

}  // namespace agent
