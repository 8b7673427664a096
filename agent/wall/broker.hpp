#pragma once

#include <memory>
#include <optional>

#include <sys/types.h>

#include <agent/host/fd.hpp>
#include <agent/sdk/host.hpp>

namespace agent::wall {

/// A process beside the wall that runs commands of a fixed list (privileged_reads.hpp), for whoever is behind it: what
/// only a daemon or a right of root's can tell. It takes no program, no option and no environment but those of the
/// list, and stands behind what its work leaves of a wall: mounts that are read-only, Landlock, and of root's rights
/// those that the list needs.
class Broker {
 public:
  /// Starts it, before the wall is built; `view`: whose commands they are, where that is not who we are. Null where
  /// there is no process to be had.
  static std::shared_ptr<Broker> start(const std::optional<User>& view);
  /// What the command says; nothing where it is not on the list, or cannot be run there.
  std::optional<Output> answer(const Strings& argv) const;
  /// The descriptor that leads to it.
  int line() const { return line_.get(); }
  /// The process that it is, a child of ours.
  pid_t process() const { return process_; }

 private:
  Broker(Fd line, pid_t process) : line_(std::move(line)), process_(process) {}
  Fd line_;
  pid_t process_;
};

}  // namespace agent::wall
