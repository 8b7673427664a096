#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <agent/host/package_lock.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

constexpr std::chrono::milliseconds interval{250};
constexpr std::chrono::seconds reminder{10};

std::string command_of(pid_t pid) {
  if (pid <= 0) return {};
  std::ifstream in("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(in, name);
  return name;
}

std::string seconds_text(std::chrono::milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

std::string LockHolder::text() const {
  if (pid <= 0) return "a process outside of this container";
  const std::string process = "process " + std::to_string(pid);
  return command.empty() ? process : "'" + command + "' (" + process + ")";
}

std::optional<LockHolder> holder_of(const Path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw Error("cannot look at the lock '" + file.string() + "': " + std::strerror(errno));
  }
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const int rc = ::fcntl(fd, F_GETLK, &lock);
  // Closing drops every lock that this very process has on the file; the agent itself never has one.
  ::close(fd);
  if (rc != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  return LockHolder{lock.l_pid, command_of(lock.l_pid), file};
}

LockWait::LockWait(std::function<std::optional<LockHolder>()> look, Say say,
                   std::function<void(std::chrono::milliseconds)> pause)
    : look_(std::move(look)), say_(std::move(say)), pause_(std::move(pause)) {}

void LockWait::sleep(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

std::chrono::milliseconds LockWait::wait(std::chrono::milliseconds limit) const {
  std::chrono::milliseconds waited{0}, next_word{0};
  while (true) {
    const auto holder = look_();
    if (!holder) return waited;
    if (waited >= limit)
      throw Error("the package manager is locked by " + holder->text() + ": waited " + seconds_text(limit) + " for '" +
                  holder->file.string() + "'")
          .hint("wait until it has finished, or raise lock_timeout");
    if (waited >= next_word) {
      if (say_)
        say_("waiting for " + holder->text() + " to release the package manager, " + seconds_text(waited) + " of " +
                 seconds_text(limit),
             -1);
      next_word += reminder;
    }
    pause_(interval);
    waited += interval;
  }
}

}  // namespace agent
