#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <agent/history/run.hpp>
#include <agent/wire/event.hpp>

namespace agent::cli {

/// What is said of a run that is gone on with, without what was said of it before: the tasks that were done come again
/// from their journals, and are not told twice. Its recap has all hosts of the run. For any thread.
class Continuation : public EventSink {
 public:
  /// `before` is what the history has of it, which may be nothing.
  Continuation(history::WholeRun before, EventSink& to);
  void on(const Event& event) override;
  /// All of the run, as the history keeps it: what was before, and what came now.
  history::WholeRun with(const history::WholeRun& now) const;

 private:
  bool was_told(const std::string& key);
  void pass(const Event& event);

  history::WholeRun before_;
  EventSink& to_;
  std::mutex mutex_;
  std::map<std::string, int> told_;
  std::optional<event::Recap> recap_;  // of before
  /// Said once something comes below them.
  std::optional<Event> play_, task_;
};

}  // namespace agent::cli
