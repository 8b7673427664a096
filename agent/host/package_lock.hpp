#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <agent/sdk/plan.hpp>

namespace agent {

/// Who holds a lock: a process of this machine, or (pid 0 or below) one that cannot be seen from here.
struct LockHolder {
  pid_t pid = 0;
  std::string command;  ///< as the kernel calls it ("apt-get"); empty: not known
  Path file;
  /// "'apt-get' (process 4711)"
  std::string text() const;
};

/// The process that holds a write lock (fcntl) on `file`; none when nobody does or there is no such file. Throws Error
/// when the file may not be opened.
std::optional<LockHolder> holder_of(const Path& file);

/// Waits until nobody else holds the locks of a package manager.
class LockWait {
 public:
  using Say = std::function<void(const std::string& text, double fraction)>;
  /// `look` answers who is in the way; `pause` sleeps, and is another thing in tests.
  LockWait(std::function<std::optional<LockHolder>()> look, Say say,
           std::function<void(std::chrono::milliseconds)> pause = sleep);

  /// Says every ten seconds for whom it waits. Throws Error, which names the holder, when `limit` is over. Returns how
  /// long it took.
  std::chrono::milliseconds wait(std::chrono::milliseconds limit) const;

 private:
  static void sleep(std::chrono::milliseconds time);

  std::function<std::optional<LockHolder>()> look_;
  Say say_;
  std::function<void(std::chrono::milliseconds)> pause_;
};

}  // namespace agent
