#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// The changes that a check has foreseen, task by task and host by host, and that a person has approved.
class Approval {
 public:
  /// One more result of the check. All results with the same host, play, task, place and item make one.
  void add(const event::TaskResult& result);

  /// The task, or item, that is about to be done.
  struct Asked {
    std::string host, play, task;
    Where where;
    std::optional<std::string> item;
  };
  /// The only changes that may be made, none of them where the check knew of none. Nothing: the check said that it
  /// cannot know, and whoever approved it has read so.
  std::optional<std::vector<Change>> changes(const Asked& asked) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::optional<std::string>>;
  struct Foreseen {
    bool is_unknown = false;
    std::vector<Change> changes;
  };
  static Key key_of(const Asked& asked);

  std::map<Key, Foreseen> foreseen_;
};

}  // namespace agent::executor
