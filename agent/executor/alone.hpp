#pragma once

#include <atomic>
#include <vector>

#include <agent/executor/coordinator.hpp>

namespace agent::executor {

/// One host: nobody to wait for.
class Alone : public Coordinator {
 public:
  Alone(std::string host, EventSink& events, const std::atomic<bool>& interrupted)
      : host_(std::move(host)), events_(events), interrupted_(interrupted) {}
  Turn arrive(std::size_t host, const Arrival& arrival) override;
  TaskOutcome once(std::size_t host, const std::function<TaskOutcome()>& work, bool& is_first) override;
  void failed(std::size_t, Failure) override {}
  void end_play() override { ended_ = true; }
  void leave(std::size_t) override {}

 private:
  std::string host_;
  EventSink& events_;
  const std::atomic<bool>& interrupted_;
  bool ended_ = false;
};

}  // namespace agent::executor
