#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <agent/host/passed_fds.hpp>
#include <agent/wall/rights.hpp>
#include <agent/wall/watch.hpp>
#include <agent/wall/watcher.hpp>

namespace agent::wall {

namespace {

// System calls that go on after they were told of are from Linux 5.5, descriptors that are handed in from 5.9.
bool can_be_told() {
  utsname kernel{};
  ::uname(&kernel);
  char* rest = nullptr;
  const long major = std::strtol(kernel.release, &rest, 10);
  const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
  return (major > 5 || (major == 5 && minor >= 9)) && seccomp_api_get() >= 5;
}

// All but `kept` go: a line of ours would not be seen to close while the watch holds it.
void let_go_of_all_but(int kept) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard = 0; standard < 3; ++standard) ::dup2(null, standard);
  const int aside = ::fcntl(kept, F_DUPFD_CLOEXEC, 3);
  ::dup3(aside, 3, O_CLOEXEC);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);  // Linux 5.9, as all that is told here
}

}  // namespace

std::string text_of(const Refusal& refusal) {
  return refusal.path.empty() ? refusal.call : refusal.call + " '" + refusal.path + "'";
}

std::shared_ptr<Watch> Watch::start(const std::optional<User>& view) {
  int ends[2];
  if (!can_be_told() || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return nullptr;
  Fd ours(ends[0]), its(ends[1]);
  const pid_t program = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return nullptr;
  if (child > 0) return std::shared_ptr<Watch>(new Watch(std::move(ours), child));
  try {
    ::signal(SIGINT, SIG_IGN);
    let_go_of_all_but(its.release());
    become_watcher(view);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == program) watch(3, program, view);
  } catch (...) {  // then nothing is told, and what would have been is refused all the same
  }
  ::_exit(0);
}

void Watch::listen(Fd listener, const Path& scratch, bool forbids_attributes) const {
  pass_fds(line_.get(), {listener.get()}, (forbids_attributes ? "1" : "0") + scratch.string());
}

std::vector<Refusal> Watch::take() const {
  std::vector<Refusal> all;
  char text[8192];
  for (ssize_t size; (size = ::recv(line_.get(), text, sizeof text, MSG_DONTWAIT)) > 2;) {
    const std::string told(text, static_cast<std::size_t>(size));
    const auto name_end = told.find('\0');
    if (name_end == std::string::npos) continue;
    all.push_back({told.substr(2, name_end - 2), told.substr(name_end + 1), told[0] == 'w', told[1] == 'o'});
  }
  return all;
}

}  // namespace agent::wall
