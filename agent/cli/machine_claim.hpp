#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <agent/fleet/run_lock.hpp>

namespace agent::cli {

/// That no other run works on this machine while this one does (reliability R5): one that came over SSH, `agent pull`
/// from a timer, or a person at another terminal. Given back with its end. For any thread.
class MachineClaim {
 public:
  struct Terms {
    Path executable;
    std::string run;
    std::chrono::seconds patience{60};
    std::function<void(const std::string&)> warn;
    std::function<bool()> is_stopped;
  };
  explicit MachineClaim(Terms terms) : terms_(std::move(terms)) {}

  /// Called before anything is changed: takes it, at the first call. Throws fleet::Busy, at this and all later calls,
  /// when another run has it for longer than is waited. Where its file cannot be had the run goes on, with a warning.
  void take();
  bool was_busy() const;

 private:
  const Terms terms_;
  mutable std::mutex mutex_;
  std::optional<fleet::RunLock> lock_;
  std::optional<std::string> holder_;  ///< who did not let go of it
  bool is_decided_ = false;
};

}  // namespace agent::cli
