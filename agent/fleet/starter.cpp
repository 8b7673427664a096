#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/starter.hpp>
#include <agent/host/launch.hpp>
#include <agent/host/system_failure.hpp>

namespace agent::fleet {
namespace {

Child launched(Command command) {
  int ends[2], errors[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error("cannot make a channel for '" + command.argv.at(0) + "': " + reason_of(errno));
  Child child;
  child.channel = Fd(ends[0]);
  const Fd theirs(ends[1]);
  if (::pipe2(errors, O_CLOEXEC) != 0)
    throw Error("cannot make a pipe for '" + command.argv.at(0) + "': " + reason_of(errno));
  child.err = Fd(errors[0]);
  const Fd their_errors(errors[1]);
  command.when_we_die = SIGTERM;
  const Launched done = launch(command, {theirs.get(), theirs.get(), their_errors.get(), -1});
  if (!done.missing.empty()) throw Error(done.missing);
  child.pid = done.pid;
  return child;
}

}  // namespace

Starter::Starter() : thread_([this] { work(); }) {}

Starter::~Starter() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  moved_.notify_all();
  thread_.join();
}

Child Starter::start(const Command& command) {
  std::packaged_task<Child()> task([&command] { return launched(command); });
  std::future<Child> child = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(task));
  }
  moved_.notify_all();
  return child.get();
}

void Starter::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [this] { return is_ending_ || !asked_.empty(); });
    if (asked_.empty()) return;
    std::packaged_task<Child()> task = std::move(asked_.front());
    asked_.pop_front();
    lock.unlock();
    task();
  }
}

}  // namespace agent::fleet
