#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <agent/host/process_table.hpp>
#include <agent/host/process_tree.hpp>

namespace agent {
namespace {

// Where the kernel does not list them, there are none to be ended.
std::vector<pid_t> children() {
  const std::string self = std::to_string(::getpid());
  std::ifstream list("/proc/self/task/" + self + "/children");
  return {std::istream_iterator<pid_t>(list), {}};
}

bool runs_our_program(pid_t pid) {
  struct stat own {
  }, its{};
  return ::stat("/proc/self/exe", &own) == 0 && ::stat(("/proc/" + std::to_string(pid) + "/exe").c_str(), &its) == 0 &&
         own.st_ino == its.st_ino && own.st_dev == its.st_dev;
}

}  // namespace

bool end_children(const std::set<pid_t>& spared) {
  bool own = false;
  for (bool found = true; found;) {  // what one of them leaves behind becomes ours
    found = false;
    for (const pid_t pid : children()) {
      if (spared.contains(pid)) continue;
      found = true;
      own |= runs_our_program(pid);
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }
  return own;
}

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

bool adopts_orphans() {
  int answer = 0;
  return ::prctl(PR_GET_CHILD_SUBREAPER, &answer, 0, 0, 0) == 0 && answer != 0;
}

unsigned long long start_time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const auto ticks = static_cast<unsigned long long>(::sysconf(_SC_CLK_TCK));
  return static_cast<unsigned long long>(now.tv_sec) * ticks +
         static_cast<unsigned long long>(now.tv_nsec) * ticks / 1'000'000'000U;
}

void ProcessTree::look() {
  const pid_t self = ::getpid();
  const bool adopts = since_ != 0 && adopts_orphans();
  const auto all = processes();
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& one : all) {
      const auto is_member = [&](pid_t pid) {
        const auto at = members_.lower_bound({pid, 0});
        return at != members_.end() && at->pid == pid;
      };
      if (one.pid == self || (one.pid != leader_ && one.started < since_)) continue;
      // An orphan of its: this process runs one command at a time, and what earlier ones left is older.
      const bool adopted = adopts && one.parent == self;
      if (one.pid == leader_ || one.session == leader_ || is_member(one.parent) || adopted)
        grown |= members_.insert({one.pid, one.started}).second;
    }
  }
}

void ProcessTree::signal(int number) {
  // What is started while we look escapes one round; killed processes start nothing, so this ends.
  for (int round = 0; round < 5; ++round) {
    const auto before = members_.size();
    for (const auto& member : members_)
      if (const auto now = process(member.pid); now && now->started == member.started) ::kill(member.pid, number);
    look();
    if (members_.size() == before || number != SIGKILL) break;
  }
  if (number == SIGKILL) reap();
}

// Those that we adopted leave nobody else to take note of their end.
void ProcessTree::reap() {
  for (const auto& member : members_)
    if (member.pid != leader_) ::waitpid(member.pid, nullptr, WNOHANG);
}

}  // namespace agent
