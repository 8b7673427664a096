#pragma once

#include <set>

#include <sys/types.h>

namespace agent {

/// Makes the orphans among the descendants of this process its own children, so that a command which forked twice and
/// left its session can still be found (prctl(2), PR_SET_CHILD_SUBREAPER). For a worker, at its start.
void adopt_orphans();
bool adopts_orphans();

/// Kills every child of this process but those that are `spared`, and what they leave orphaned. True when one of them
/// ran this program itself: it was forked, and not started.
bool end_children(const std::set<pid_t>& spared);

/// A moment, as the kernel dates the start of processes.
unsigned long long start_time_now();

/// A process that leads a session, and all that came of it: its session, its descendants and theirs, and orphans that
/// this process adopted. Remembers whom it saw, since a process whose parent has died can no longer be traced to it.
class ProcessTree {
 public:
  /// Beside the leader, what was started before `since` is none of its: it is of an earlier command.
  explicit ProcessTree(pid_t leader, unsigned long long since = 0) : leader_(leader), since_(since) { look(); }
  /// Sends a signal to every one, and to those that came meanwhile.
  void signal(int number);

 private:
  void look();
  void reap();

  pid_t leader_;
  unsigned long long since_;
  struct Member {
    pid_t pid;
    unsigned long long started;  // a number may be another's by now; number and start are not
    friend auto operator<=>(const Member&, const Member&) = default;
  };
  std::set<Member> members_;
};

}  // namespace agent
