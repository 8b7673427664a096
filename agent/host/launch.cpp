#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Boost.Process has two APIs. This is the first one, which newer Boosts keep in a folder, and still newer ones in a
// namespace of its own.
#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/error.hpp>
#include <boost/process/v1/extend.hpp>
#else
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/extend.hpp>
#endif
namespace boost::process::v1 {}

#include <agent/host/launch.hpp>
#include <agent/host/new_process.hpp>
#include <agent/host/system_failure.hpp>
#include <agent/host/users.hpp>

namespace agent {
namespace {

/// Boost.Process's first API, in whichever namespace this Boost has it.
namespace process {
using namespace boost::process;
using namespace boost::process::v1;
}  // namespace process

enum class Stage : int { credentials, directory, streams, program };

struct Report {
  Stage stage;
  int code;
};

/// What the new process does between fork and exec. Everything is prepared before: here only system calls are allowed.
class Preparation : public process::extend::handler {
 public:
  Preparation(const Command& command, const Stdio& stdio, const Path& program, int report)
      : command_(command), stdio_(stdio), program_(program.string()), report_(report), parent_(::getpid()) {
    for (const auto& word : command.argv) argv_.push_back(const_cast<char*>(word.c_str()));
    argv_.push_back(nullptr);
    for (const auto& [name, value] : command.environment) variables_.push_back(name + "=" + value);
    for (auto& variable : variables_) environment_.push_back(variable.data());
    environment_.push_back(nullptr);
    if (command.as) groups_ = group_ids(*command.as);
  }

  template <class Executor>
  void on_setup(Executor& executor) const {
    executor.exe = program_.c_str();
    executor.cmd_line = const_cast<char**>(argv_.data());
    executor.env = const_cast<char**>(environment_.data());
  }
  template <class Executor>
  void on_exec_setup(Executor&) const {
    ::setsid();
    new_process::restore_signals();
    if (command_.as) take_identity();
    if (command_.when_we_die != 0) {
      ::prctl(PR_SET_PDEATHSIG, command_.when_we_die);
      if (::getppid() != parent_) ::_exit(127);
    }
    if (command_.directory && ::chdir(command_.directory->c_str()) != 0) give_up(Stage::directory);
    connect_streams();
  }
  template <class Executor>
  void on_exec_error(Executor&, const std::error_code& code) const {
    errno = code.value();
    give_up(Stage::program);
  }

 private:
  static constexpr int first_free = 10;  // above all that the program is given

  [[noreturn]] void give_up(Stage stage) const {
    const Report report{stage, errno};
    [[maybe_unused]] const auto written = ::write(report_, &report, sizeof report);
    ::_exit(127);
  }

  void take_identity() const {
    if (::setgroups(groups_.size(), groups_.data()) != 0 || ::setgid(command_.as->gid) != 0 ||
        ::setuid(command_.as->uid) != 0)
      give_up(Stage::credentials);
  }

  void connect_streams() const {
    // Aside first: one of the sources may be a number that is a target.
    std::array<int, 4> sources{stdio_.in, stdio_.out, stdio_.err, stdio_.status};
    for (std::size_t target = 0; target < sources.size(); ++target) {
      if (sources[target] < 0 && target < 3) sources[target] = ::open("/dev/null", target == 0 ? O_RDONLY : O_WRONLY);
      if (sources[target] < 0) continue;
      sources[target] = ::fcntl(sources[target], F_DUPFD_CLOEXEC, first_free);
      if (sources[target] < 0) give_up(Stage::streams);
    }
    for (std::size_t target = 0; target < sources.size(); ++target)
      if (sources[target] >= 0 && ::dup2(sources[target], static_cast<int>(target)) < 0) give_up(Stage::streams);
    new_process::close_on_exec_from(sources[3] >= 0 ? 4 : 3);  // the report must still be written
  }

  const Command& command_;
  Stdio stdio_;
  std::string program_;
  int report_;
  pid_t parent_;
  std::vector<char*> argv_;
  Strings variables_;
  std::vector<char*> environment_;
  std::vector<gid_t> groups_;
};

Error failure(const Command& command, const Report& report) {
  const std::string start = "cannot start '" + command.argv[0] + "': ";
  switch (report.stage) {
    case Stage::credentials:
      return Error(start + "cannot become the user '" + command.as->name + "': " + reason_of(report.code))
          .hint("only root can do that: run with become: true (-b)");
    case Stage::directory:
      return Error(start + "cannot enter the directory '" + command.directory->string() +
                   "': " + reason_of(report.code));
    case Stage::streams:
      return Error(start + "its input and output cannot be connected: " + reason_of(report.code));
    case Stage::program:
      break;
  }
  if (report.code == E2BIG) return Error(start + "its arguments and environment are longer than the kernel allows");
  if (report.code == ENOEXEC)
    return Error(start + "it is neither a program for this machine nor a script with a '#!' line");
  Error error(start + reason_of(report.code));
  if (report.code == EACCES) error.hint("is it executable, and its file system not mounted noexec?");
  return error;
}

/// The kernel says "no such file" of a script too whose interpreter is gone, like the programs of a broken venv.
std::string why_missing(const Path& program) {
  std::ifstream file(program);
  std::string first;
  if (!std::getline(file, first) || first.compare(0, 2, "#!") != 0)
    return file.is_open()
               ? "'" + program.string() + "' is there, but the loader it names is not: it is for another system"
               : "there is no program '" + program.string() + "' on this machine";
  const auto begin = first.find_first_not_of(" \t", 2);
  const auto end = std::min(first.find_first_of(" \t\r", begin), first.size());
  return "'" + program.string() + "' is there, but its interpreter '" +
         (begin == std::string::npos ? "" : first.substr(begin, end - begin)) + "' is not";
}

}  // namespace

Launched launch(const Command& command, const Stdio& stdio) {
  if (command.argv.empty() || command.argv[0].empty()) throw Error("there is no command to run: it is empty");
  Path program = command.argv[0];
  if (program.string().find('/') == std::string::npos) {
    const auto found = find_program(command.argv[0], command.environment);
    if (!found) return {-1, "there is no program '" + command.argv[0] + "' on this machine"};
    program = *found;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot start '" + command.argv[0] + "': " + reason_of(errno));
  const Fd listening(ends[0]);
  Fd reporting(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10));
  ::close(ends[1]);

  const Preparation preparation(command, stdio, program, reporting.get());
  process::child child(preparation, process::ignore_error);
  const pid_t pid = child.id();
  child.detach();
  if (pid <= 0) throw Error("cannot start '" + command.argv[0] + "': no further process can be made");
  reporting.reset();

  Report report{};
  ssize_t size;
  while ((size = ::read(listening.get(), &report, sizeof report)) < 0 && errno == EINTR) {
  }
  if (size != sizeof report) return {pid, ""};
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (report.stage == Stage::program && (report.code == ENOENT || report.code == ENOTDIR))
    return {-1, why_missing(program)};
  throw failure(command, report);
}

}  // namespace agent
