#include <csignal>
#include <cstdlib>

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/passed_fds.hpp>
#include <agent/wall/beside.hpp>
#include <agent/wall/broker.hpp>
#include <agent/wall/landlock.hpp>
#include <agent/wall/mounts.hpp>
#include <agent/wall/privileged_reads.hpp>
#include <agent/wall/rights.hpp>

namespace agent::wall {

namespace {

constexpr int no_such_program = 127;
constexpr unsigned patience = 30;            // seconds for one command
constexpr rlim_t longest = rlim_t{4} << 20;  // of what it says
constexpr const char* environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                                       "SYSTEMD_PAGER=", nullptr};

// Of who starts a command: everything that the command does not need is gone before it begins.
void stand_back(const std::optional<User>& view) {
  if (::geteuid() == 0 && (!view || view->uid == 0)) {
    try {
      own_mounts();
      seal_mounts();
    } catch (const Error&) {  // root of a container: Landlock alone
    }
    become_asking_root({CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYSLOG});
  } else if (::geteuid() == 0) {
    become_only(*view);
  }
  gain_nothing();
  if (landlock_version() > 0) restrict_writing({});
}

[[noreturn]] void execute(const Strings& words, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::alarm(patience);
  constexpr rlimit most{longest, longest};
  ::setrlimit(RLIMIT_FSIZE, &most);
  ::signal(SIGINT, SIG_DFL);
  for (const char* directory : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    ::execve((directory + words.front()).c_str(), argv.data(), const_cast<char**>(environment));
  ::_exit(no_such_program);
}

int code_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// One command after the other, until the line is closed. "-": not done.
void serve(int line, const std::optional<User>& view) {
  bool stands_back = false;
  while (const auto asked = take_fds(line, 2)) {
    Strings words;
    for (std::size_t at = 0, end; (end = asked->bytes.find('\0', at)) != std::string::npos; at = end + 1)
      words.push_back(asked->bytes.substr(at, end - at));
    const auto read = privileged_read(words);
    std::string said = "-";
    if (read && loads_nothing(*read)) {
      if (!std::exchange(stands_back, true)) stand_back(view);
      const pid_t child = ::fork();
      if (child == 0) execute(*read, asked->fds[0].get(), asked->fds[1].get());
      const int code = child > 0 ? code_of(child) : no_such_program;
      if (code != no_such_program) said = std::to_string(code);
    }
    if (::send(line, said.data(), said.size(), MSG_NOSIGNAL) < 0) return;
  }
}

std::string all_of(const Fd& file) {
  std::string text;
  char piece[65536];
  for (ssize_t got; (got = ::pread(file.get(), piece, sizeof piece, static_cast<off_t>(text.size()))) > 0;)
    text.append(piece, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

std::shared_ptr<Broker> Broker::start(const std::optional<User>& view) {
  auto beside = start_beside([&view](int line) {
    if (::chdir("/") == 0) serve(line, view);
  });
  return beside ? std::shared_ptr<Broker>(new Broker(std::move(beside->line), beside->process)) : nullptr;
}

std::optional<Output> Broker::answer(const Strings& argv) const {
  if (!privileged_read(argv)) return std::nullopt;
  std::string words;
  for (const std::string& word : argv) words += word + '\0';
  const Fd out(::memfd_create("agent-out", MFD_CLOEXEC)), err(::memfd_create("agent-err", MFD_CLOEXEC));
  if (!out || !err || !pass_fds(line_.get(), {out.get(), err.get()}, words)) return std::nullopt;
  char said[16];
  const ssize_t size = ::recv(line_.get(), said, sizeof said - 1, 0);
  if (size < 1 || said[0] == '-') return std::nullopt;
  said[size] = '\0';
  return Output{.rc = std::atoi(said), .out = all_of(out), .err = all_of(err)};
}

}  // namespace agent::wall
