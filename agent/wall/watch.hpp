#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <agent/host/fd.hpp>
#include <agent/sdk/host.hpp>

namespace agent::wall {

/// Something that the wall refused to those who stand behind it.
struct Refusal {
  std::string call;      ///< the system call: "openat"
  std::string path;      ///< what it aimed at; empty: no file, or it could not be read
  bool counts = true;    ///< with it the program may have answered otherwise; else: many try it, and can do without
  bool own = false;      ///< by the program itself that built the wall (so by a module), not by a command it started
  bool network = false;  ///< what reads from the network may do it
};
/// "openat '/etc/motd'".
std::string text_of(const Refusal& refusal);

/// What those behind the wall are held to, beyond what mounts and Landlock do.
struct Restraint {
  /// Nor may they change what Landlock lets them (modes, owners, times, extended attributes): mounts are not read-only.
  bool attributes_too = false;
  bool network = false;   ///< internet sockets are the machine's own; else those of a network with no way out
  bool was_root = false;  ///< root would get an answer that they do not: that is told
  Path scratch = {};      ///< where they may write
};

/// A process beside the wall that is told of every system call that the wall will not let through, so that it can be
/// named. It decides nothing: what may be done is the kernel's to say, with the watch or without it.
class Watch {
 public:
  /// Starts it, before the wall is built. `view`: whose rights count, where that is not who we are. Null where this
  /// kernel cannot tell of system calls (before Linux 5.9).
  static std::shared_ptr<Watch> start(const std::optional<User>& view);
  /// Hands it the listener of the filter that holds them to `restraint`.
  void listen(Fd listener, const Restraint& restraint) const;
  /// What was refused since last asked, in order.
  std::vector<Refusal> take() const;
  /// The process that it is, a child of ours.
  pid_t process() const { return process_; }

 private:
  Watch(Fd line, pid_t process) : line_(std::move(line)), process_(process) {}
  Fd line_;
  pid_t process_;
};

}  // namespace agent::wall
