#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <agent/host/new_process.hpp>

namespace agent::new_process {
namespace {

// Linux 5.9 or, for the flag, 5.11.
bool close_range([[maybe_unused]] int first, [[maybe_unused]] unsigned flags) {
#ifdef SYS_close_range
  return ::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, flags) == 0;
#else
  return false;
#endif
}

int last_descriptor() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(limit.rlim_cur < 65536 ? limit.rlim_cur : 65536);
}

}  // namespace

void restore_signals() {
  for (int number = 1; number < NSIG; ++number)
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_on_exec_from(int first) {
  constexpr unsigned close_on_exec = 4;  // CLOSE_RANGE_CLOEXEC
  if (close_range(first, close_on_exec)) return;
  for (int fd = first, last = last_descriptor(); fd < last; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void close_from(int first) {
  if (close_range(first, 0)) return;
  for (int fd = first, last = last_descriptor(); fd < last; ++fd) ::close(fd);
}

}  // namespace agent::new_process
