#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include <agent/host/fd.hpp>

namespace agent::fleet {

/// By this the agent of a run, that has lost its controller, is asked to let another agent go on with the run: a socket
/// without a file, found by who has the key of the run, for the same user alone.
class HandOver {
 public:
  /// `asked` is called, once, by a thread of this; it is to have the process end at the boundary of the task at hand.
  /// Where the socket cannot be had nobody asks.
  HandOver(const std::string& key, std::function<void()> asked);
  ~HandOver();
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  /// Asks the agent of the run on this machine. False: there is none. Else waits for its end as long as `is_patient`,
  /// and throws Error when that takes no end.
  static bool ask(const std::string& key, const std::function<void()>& waiting,
                  const std::function<bool()>& is_patient);

 private:
  void listen(const std::function<void()>& asked);
  Fd point_, stop_;
  std::thread thread_;
};

}  // namespace agent::fleet
