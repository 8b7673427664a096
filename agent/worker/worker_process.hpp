#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

#include <agent/host/capped_text.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/error.hpp>
#include <agent/wire/channel.hpp>
#include <agent/wire/task.hpp>

namespace agent {

/// The agent's end of one worker: its process, the line to it, and what it prints.
class WorkerProcess {
 public:
  struct Start {
    Command command;                      ///< the whole of it, `sudo ... agent worker` or just `agent worker`
    std::optional<std::string> password;  ///< written to it as a first line, for `sudo -S`
    std::size_t output_limit = 0;
  };
  explicit WorkerProcess(const Start& start);
  /// One that has been started.
  WorkerProcess(Child started, std::size_t output_limit);
  /// Ends the worker and all that it started.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Sends `message` (nothing: only waits) and returns the answer that is no progress. A worker that dies, says nothing
  /// until `deadline` (zero: for ever) or prints more than its limit is an Error that says which; the worker is gone
  /// then. Messages call what runs there `subject`.
  Value exchange(const std::optional<Value>& message, std::chrono::milliseconds deadline, const ProgressSink& progress,
                 const std::string& subject = "the worker");
  /// What it printed since last asked: the head and the tail of it where that was much.
  std::string take_output();
  bool alive() const { return pid_ > 0; }

 private:
  [[noreturn]] void died();
  std::optional<Value> answer(std::optional<Value> frame, const ProgressSink& progress);
  void wait_for_input(std::optional<std::chrono::steady_clock::time_point> until, std::chrono::milliseconds deadline);
  void read_output();
  void stop();
  pid_t pid_ = -1;
  Channel channel_{-1, -1};
  Fd output_;
  CappedText printed_;
  std::string subject_;  ///< what messages call that which runs there now
  std::size_t printed_size_ = 0, output_limit_;
  unsigned long long since_ = 0;  ///< when the task began, as start_time_now() tells
};

}  // namespace agent
