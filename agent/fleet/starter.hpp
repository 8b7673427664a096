#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include <agent/host/process.hpp>

namespace agent::fleet {

/// Starts programs that end when this process does, however that comes: the kernel sends them TERM then. It does so at
/// the end of the thread that started them, hence one thread for all, which lasts as long as this. Any thread may ask.
class Starter {
 public:
  Starter();
  ~Starter();
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;
  /// Like `spawn`, with a stderr of its own. Throws Error.
  Child start(const Command& command);

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<std::packaged_task<Child()>> asked_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace agent::fleet
