#pragma once

#include <agent/history/run.hpp>
#include <agent/report/record.hpp>

namespace agent::history {

/// Collects what the history keeps of a run: all events but those that only accompany the work, and of results only
/// what tells how a task ended. What a task that went well had to say (what `register` sees: whole outputs, facts) is
/// not kept: it makes nearly all of the size, and may hold what nobody marked as a secret.
class Recording : public EventSink {
 public:
  explicit Recording(report::Clock clock = std::chrono::system_clock::now) : clock_(std::move(clock)) {}
  void on(const Event& event) override;
  /// After the last event.
  const WholeRun& run();

 private:
  report::Clock clock_;
  report::Recorder recorder_;
  WholeRun run_;
};

}  // namespace agent::history
