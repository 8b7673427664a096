#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <agent/executor/outcome.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// A place in the order of a play, the same for every host that comes by: one step for each level of nesting. `key`
/// tells apart what hosts do at the same place with different files (`include_tasks: "{{ os }}.yml"`).
struct Step {
  std::uint32_t index = 0;
  std::string key;
  friend auto operator<=>(const Step&, const Step&) = default;
};
using Position = std::vector<Step>;

/// What a host hears when it comes to a place.
enum class Turn {
  go,           ///< do what stands there
  fail,         ///< the play has failed for this host because of others (any_errors_fatal, max_fail_percentage)
  end,          ///< the play was ended on purpose (`meta: end_play`)
  interrupted,  ///< a person stopped the run
};

struct Arrival {
  Position position;
  /// Said when the turn comes; of an Included event `hosts` is filled in. Null: nothing is said.
  const Event* banner = nullptr;
  /// Goes on even where others stopped the play: `always`, handlers that are forced.
  bool insists = false;
};

/// A person stopped the run while a host waited for others, or nobody is left to wait for.
struct Interrupted {};

struct Failure {
  bool is_fatal = false;    ///< one of all hosts (any_errors_fatal)
  bool is_rescued = false;  ///< a block around takes it over: it does not count as a failure of the play
};

/// Whatever concerns more than one host of a play: who goes when, what is done once, and when all must stop. With one
/// host there is nothing to wait for; with several, each walks the play in a thread of its own and they keep in step
/// task by task; a fleet asks across the network. Hosts are named by their number in the batch.
class Coordinator {
 public:
  virtual ~Coordinator() = default;

  /// Called before a task. Waits until no other host of the batch can come to an earlier place, and says the banner
  /// once for all that are at this one.
  virtual Turn arrive(std::size_t host, const Arrival& arrival) = 0;
  /// For a task with run_once, after `arrive`: has the first host at this place do `work`; all get its outcome.
  /// `is_first` tells whether this host was the one. May throw Interrupted, as `throttled` may.
  virtual TaskOutcome once(std::size_t host, const std::function<TaskOutcome()>& work, bool& is_first) = 0;
  /// Does `work` when fewer than `most` hosts of the batch do theirs (`throttle`); one host has nothing to wait for.
  virtual TaskOutcome throttled(std::size_t most, const std::function<TaskOutcome()>& work) {
    static_cast<void>(most);
    return work();
  }
  /// A task has failed on the host. Where that is fatal for all, the others hear it when they arrive next.
  virtual void failed(std::size_t host, Failure failure) = 0;
  /// Ends the play for all hosts of the batch (`end_play`, `end_batch`).
  virtual void end_play() = 0;
  /// The host has nothing more to do in this play.
  virtual void leave(std::size_t host) = 0;
};

}  // namespace agent::executor
