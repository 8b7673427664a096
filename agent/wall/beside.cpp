#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/host/new_process.hpp>
#include <agent/wall/beside.hpp>

namespace agent::wall {

namespace {

// The line becomes 3, and the standard three lead nowhere.
void let_go_of_all_but(int kept) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard = 0; standard < 3; ++standard) ::dup2(null, standard);
  const int aside = ::fcntl(kept, F_DUPFD_CLOEXEC, 3);
  ::dup3(aside, 3, O_CLOEXEC);
  new_process::close_from(4);
}

}  // namespace

std::optional<Beside> start_beside(const std::function<void(int line)>& work) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  Fd ours(ends[0]), its(ends[1]);
  const pid_t starter = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return std::nullopt;
  if (child > 0) return Beside{std::move(ours), child};
  try {
    ::signal(SIGINT, SIG_IGN);
    let_go_of_all_but(its.release());
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == starter) work(3);
  } catch (...) {  // whoever counts on it finds the line closed
  }
  ::_exit(0);
}

void close_all_but(const std::vector<int>& kept) {
  std::vector<int> others;
  if (DIR* open = ::opendir("/proc/self/fd")) {
    while (const dirent* entry = ::readdir(open)) {
      const int fd = std::atoi(entry->d_name);
      if (fd > 2 && fd != ::dirfd(open) && std::find(kept.begin(), kept.end(), fd) == kept.end()) others.push_back(fd);
    }
    ::closedir(open);
  }
  for (const int fd : others) ::close(fd);
}

}  // namespace agent::wall
