#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/process.hpp>
#include <agent/host/process_tree.hpp>
#include <agent/host/users.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

using namespace std::chrono_literals;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

Command shell(const std::string& script) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  command.environment = minimal_environment(current_user());
  return command;
}

std::string failure_of(const Command& command) {
  try {
    run(command);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

TEST(RunningACommand, KeepsItsOutputAndExitCode) {
  const Finished finished = run(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(finished.output, (Output{3, "out\n", "err\n"}));
  EXPECT_EQ(finished.signal, 0);
}

TEST(RunningACommand, PassesArgumentsAsTheyAre) {
  Command command = shell("");
  command.argv = {"printf", "%s|", "$(id)", "`id`", "a b", "-n", "'", "", "\n*"};
  EXPECT_EQ(run(command).output.out, "$(id)|`id`|a b|-n|'||\n*|");
}

TEST(RunningACommand, GivesItAnEmptyStdin) {
  EXPECT_EQ(run(shell("wc -c")).output.out, "0\n");
}

TEST(RunningACommand, FeedsItsInputHoweverMuchItIs) {
  Command command = shell("wc -c");
  command.input = std::string(3'000'000, 'x');
  EXPECT_EQ(run(command).output.out, "3000000\n");
}

TEST(RunningACommand, DoesNotMindThatNobodyReadsTheInput) {
  Command command = shell("exec <&-; echo done");
  command.input = std::string(3'000'000, 'x');
  EXPECT_EQ(run(command).output.out, "done\n");
}

TEST(RunningACommand, GivesItExactlyTheEnvironmentThatIsNamed) {
  Command command = shell("");
  command.argv = {"/usr/bin/env"};
  command.environment = {{"A", "1"}, {"B", "x y"}};
  EXPECT_EQ(run(command).output.out, "A=1\nB=x y\n");
}

TEST(RunningACommand, StartsInTheDirectoryThatIsNamed) {
  const TemporaryDirectory directory;
  Command command = shell("pwd");
  command.directory = directory.path();
  EXPECT_EQ(run(command).output.out, directory.path().string() + "\n");
}

TEST(RunningACommand, SaysWhichDirectoryItCannotEnter) {
  Command command = shell("pwd");
  command.directory = "/nowhere";
  EXPECT_EQ(failure_of(command),
            "cannot start '/bin/sh': cannot enter the directory '/nowhere': there is no such file or directory");
}

TEST(RunningACommand, AnswersAMissingProgramWith127) {
  Command command = shell("");
  command.argv = {"no-such-program", "x"};
  EXPECT_EQ(run(command).output, (Output{127, "", "there is no program 'no-such-program' on this machine"}));
  command.argv = {"/nowhere/program"};
  EXPECT_EQ(run(command).output.err, "there is no program '/nowhere/program' on this machine");
}

TEST(RunningACommand, TellsAMissingInterpreterFromAMissingProgram) {
  const TemporaryDirectory directory;
  Command command = shell("");
  command.argv = {directory.put("pip", "#!/gone/bin/python3 -E\n", 0755).string()};
  EXPECT_EQ(run(command).output,
            (Output{127, "", "'" + command.argv[0] + "' is there, but its interpreter '/gone/bin/python3' is not"}));
}

TEST(RunningACommand, SaysWhatCannotBeExecuted) {
  const TemporaryDirectory directory;
  Command command = shell("");
  command.argv = {directory.put("plain", "text", 0644).string()};
  EXPECT_THAT(failure_of(command), HasSubstr("permission denied"));
  command.argv = {directory.put("odd", "text without a first line", 0755).string()};
  EXPECT_THAT(failure_of(command), HasSubstr("neither a program for this machine nor a script"));
}

TEST(RunningACommand, FindsProgramsInAbsolutePartsOfThePathOnly) {
  const TemporaryDirectory directory;
  directory.put("decoy", "#!/bin/sh\necho decoy\n", 0755);
  Command command = shell("");
  command.argv = {"decoy"};
  command.directory = directory.path();
  command.environment["PATH"] = ":.:" + directory.path().filename().string();
  EXPECT_EQ(run(command).output.rc, 127);
  command.environment["PATH"] += ":" + directory.path().string();
  EXPECT_EQ(run(command).output.out, "decoy\n");
}

TEST(RunningACommand, KeepsTheBeginningAndTheEndOfTooMuchOutput) {
  const Finished finished = run(shell("echo first; head -c 9000000 /dev/zero | tr '\\0' x; echo last"));
  EXPECT_TRUE(finished.output.truncated);
  EXPECT_LT(finished.output.out.size(), 3u << 20);
  EXPECT_EQ(finished.output.out.substr(0, 6), "first\n");
  EXPECT_EQ(finished.output.out.substr(finished.output.out.size() - 5), "last\n");
  EXPECT_THAT(finished.output.out, HasSubstr("bytes were dropped here ...]"));
}

TEST(RunningACommand, ReportsLinesOfBothStreamsAsTheyCome) {
  Command command = shell("printf 'a\\nb\\rc'; sleep 0.05; echo d >&2");
  Strings lines;
  command.line = [&](std::string_view line) { lines.emplace_back(line); };
  run(command);
  EXPECT_THAT(lines, UnorderedElementsAre("a", "b", "c", "d"));
}

TEST(RunningACommand, GivesItAStatusDescriptorOnRequest) {
  Command command = shell("echo one >&3; echo two >&3; echo out");
  Strings lines;
  command.status = [&](std::string_view line) { lines.emplace_back(line); };
  EXPECT_EQ(run(command).output.out, "out\n");
  EXPECT_THAT(lines, ElementsAre("one", "two"));
}

TEST(RunningACommand, LeaksNoDescriptorOfOurs) {
  const Fd leak(::open("/etc/passwd", O_RDONLY));                        // on purpose without O_CLOEXEC
  EXPECT_EQ(run(shell("ls /proc/self/fd")).output.out, "0\n1\n2\n3\n");  // 3 is ls' own
}

TEST(RunningACommand, ResetsSignalsThatAreIgnoredHere) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  const Finished finished = run(shell("kill -TERM $$; echo survived"));
  std::signal(SIGTERM, before);
  EXPECT_EQ(finished.signal, SIGTERM);
  EXPECT_EQ(finished.output.rc, 128 + SIGTERM);
}

TEST(RunningACommand, PutsItIntoASessionOfItsOwn) {
  const std::string session = run(shell("cut -d' ' -f6 /proc/self/stat")).output.out;
  EXPECT_NE(session, std::to_string(::getsid(0)) + "\n");
}

/// Whether a process with that argument runs; one that was killed gets a while to be gone.
bool keeps_running(const std::string& argument) {
  for (int tries = 0; tries < 5000; ++tries) {
    bool found = false;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string words;
      std::getline(file, words);  // unlike an iterator it does not throw where the process is gone meanwhile
      found |= words.find(argument + '\0') != std::string::npos;
    }
    if (!found) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

TEST(RunningACommand, EndsItWithAllItStartedWhenTheDeadlineIsOver) {
  Command command = shell(
      "trap '' TERM; (trap '' TERM; sleep 98765) & (sleep 98766 &) ; setsid sleep 98767 & echo started; sleep 98768");
  command.deadline = 1s;
  command.grace = 100ms;
  const Finished finished = run(command);
  EXPECT_TRUE(finished.timed_out);
  EXPECT_EQ(finished.signal, SIGKILL);
  EXPECT_EQ(finished.output.out, "started\n");
  for (const char* child : {"98765", "98766", "98767", "98768"}) EXPECT_FALSE(keeps_running(child)) << child;
}

/// Forks twice, leaves its session, and sleeps for so long: as daemons do. Ends itself where `stays` is not set.
std::string double_fork(const std::string& seconds, bool stays) {
  return "import os, time\n"
         "if os.fork() == 0:\n"
         "    os.setsid()\n"
         "    if os.fork() > 0: os._exit(0)\n"
         "    os.chdir('/')\n"
         "    os.execvp('sleep', ['sleep', '" +
         seconds +
         "'])\n"
         "os.wait()\n" +
         (stays ? "time.sleep(60)\n" : "");
}

/// Runs a command in a process that adopts orphans, as a worker does.
template <class Do>
void as_worker(Do work) {
  const pid_t worker = ::fork();
  if (worker == 0) {
    adopt_orphans();
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(worker, &status, 0);
  EXPECT_EQ(status, 0);
}

Command python(const std::string& program) {
  Command command = shell("");
  command.argv = {"python3", "-c", program};
  return command;
}

TEST(RunningACommand, EndsWhatForkedTwiceAndLeftItsSessionWhenTheDeadlineIsOver) {
  as_worker([] {
    Command command = python(double_fork("98741", true));
    command.deadline = 1s;
    command.grace = 100ms;
    if (!run(command).timed_out) ::_exit(1);
  });
  EXPECT_FALSE(keeps_running("98741"));
}

TEST(RunningACommand, EndsWhatAQuestionLeftRunningElsewhere) {
  as_worker([] {
    Command command = python(double_fork("98742", false));
    command.leaves_nothing = true;
    if (run(command).output.rc != 0) ::_exit(1);
  });
  EXPECT_FALSE(keeps_running("98742"));
}

TEST(RunningACommand, SparesWhatAnEarlierOneLeftRunning) {
  as_worker([] {
    run(python(double_fork("98743", false)));
    std::this_thread::sleep_for(50ms);  // the kernel dates processes to hundredths of a second
    Command late = python(double_fork("98744", true));
    late.deadline = 1s;
    late.grace = 100ms;
    run(late);
  });
  EXPECT_FALSE(keeps_running("98744"));
  const Finished found = run(shell("pkill -x -f 'sleep 98743'"));
  EXPECT_EQ(found.output.rc, 0) << "the daemon of the first command is still there";
}

TEST(RunningACommand, LetsItEndByItselfOnTheFirstSignal) {
  Command command = shell("trap 'echo tidy; exit 7' TERM; echo up; while :; do sleep 0.01; done");
  command.deadline = 1s;
  command.grace = 60s;
  const Finished finished = run(command);
  EXPECT_TRUE(finished.timed_out);
  EXPECT_EQ(finished.output.rc, 7);
  EXPECT_THAT(finished.output.out, HasSubstr("tidy"));
}

TEST(RunningACommand, DoesNotWaitForWhatItLeavesInTheBackground) {
  const auto started = std::chrono::steady_clock::now();
  const Finished finished = run(shell("sleep 60 & echo $!"));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 30s);
  EXPECT_EQ(::kill(std::stoi(finished.output.out), SIGKILL), 0) << "it should still be running";
}

TEST(RunningACommand, LeavesNothingRunningWhereThatIsAsked) {
  Command command = shell("sleep 60 & echo $!");
  command.leaves_nothing = true;
  const pid_t left = std::stoi(run(command).output.out);
  const auto is_alive = [&] {
    const std::string stat = test::content_of("/proc/" + std::to_string(left) + "/stat");
    return !stat.empty() && stat.find(") Z ") == std::string::npos;
  };
  for (int i = 0; i < 1000 && is_alive(); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(is_alive());
}

TEST(RunningACommand, BecomesAnotherUserWithAllTheirGroups) {
  if (!test::is_root()) GTEST_SKIP() << "only root can";
  const auto nobody = find_user("nobody");
  ASSERT_TRUE(nobody);
  Command command = shell("id -u; id -G; touch /root/x 2>/dev/null || echo refused; echo $HOME");
  command.as = nobody;
  command.environment = minimal_environment(*nobody);
  const std::string uid = std::to_string(nobody->uid), gid = std::to_string(nobody->gid);
  EXPECT_EQ(run(command).output.out, uid + "\n" + gid + "\nrefused\n" + nobody->home + "\n");
}

TEST(ASpawnedCommand, TalksOverOneSocket) {
  Child child = spawn(shell("read line; echo \"got $line\"; echo aside >&2"), true);
  ASSERT_EQ(::write(child.channel.get(), "hello\n", 6), 6);
  std::string answer(64, '\0');
  answer.resize(static_cast<std::size_t>(::read(child.channel.get(), answer.data(), answer.size())));
  EXPECT_EQ(answer, "got hello\n");
  EXPECT_EQ(wait_for(child.pid, 10s), 0);
  std::string aside(64, '\0');
  aside.resize(static_cast<std::size_t>(::read(child.err.get(), aside.data(), aside.size())));
  EXPECT_EQ(aside, "aside\n");
}

TEST(ASpawnedCommand, IsEndedWithWhatItStarted) {
  Child child = spawn(shell("sleep 1000 & echo $!; wait"), false);
  std::string pid(64, '\0');
  pid.resize(static_cast<std::size_t>(::read(child.channel.get(), pid.data(), pid.size())));
  EXPECT_FALSE(wait_for(child.pid, 0ms));
  EXPECT_EQ(end(child.pid), 128 + SIGTERM);
  const std::string its = "/proc/" + std::to_string(std::stoi(pid)) + "/cmdline";
  // It was killed, and is nobody's child here whose end could be waited for.
  for (int i = 0; i < 1000 && test::content_of(its).substr(0, 5) == "sleep"; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(test::content_of(its).substr(0, 5), "sleep");
}

TEST(ASpawnedCommand, IsAnErrorWhenThereIsNoSuchProgram) {
  Command command = shell("");
  command.argv = {"/nowhere/agent"};
  EXPECT_THROW(spawn(command, false), Error);
}

// What the child finds: how many descriptors, whether a signal that we ignore is ignored there, who leads its session.
int tell_of_itself() {
  int descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) descriptors += entry.path() != "";
  struct sigaction action {};
  ::sigaction(SIGHUP, nullptr, &action);
  const std::string text = std::to_string(descriptors - 1) + (action.sa_handler == SIG_DFL ? " default" : " ignored") +
                           (::getsid(0) == ::getpid() ? " leads" : " follows");
  std::fputs("aside", stderr);
  return ::write(1, text.data(), text.size()) > 0 ? 5 : 1;
}

TEST(AChildThatIsSplitOff, HasOnlyItsChannelAndNoneOfOurSignals) {
  const auto before = ::signal(SIGHUP, SIG_IGN);
  const Child child = split_off(tell_of_itself);
  ::signal(SIGHUP, before);
  std::string answer(64, '\0'), aside(64, '\0');
  answer.resize(static_cast<std::size_t>(::read(child.channel.get(), answer.data(), answer.size())));
  EXPECT_EQ(answer, "3 default leads");
  EXPECT_EQ(wait_for(child.pid, 10s), 5);
  aside.resize(static_cast<std::size_t>(::read(child.err.get(), aside.data(), aside.size())));
  EXPECT_EQ(aside, "aside");
}

TEST(TheMinimalEnvironment, PassesWhatToolsNeedAndNothingThatLoadsCode) {
  const User alice{"alice", 1000, 1000, "/home/alice", "/bin/zsh", ""};
  const Environment environment = minimal_environment(alice,
                                                      {{"https_proxy", "http://p:3128"},
                                                       {"PIP_INDEX_URL", "https://mirror"},
                                                       {"LD_PRELOAD", "/tmp/x.so"},
                                                       {"PYTHONPATH", "/tmp"},
                                                       {"IFS", "x"},
                                                       {"PATH", "/home/alice/bin:.:bin::/usr/bin"}},
                                                      true);
  EXPECT_EQ(environment.at("https_proxy"), "http://p:3128");
  EXPECT_EQ(environment.at("PIP_INDEX_URL"), "https://mirror");
  EXPECT_EQ(environment.at("HOME"), "/home/alice");
  EXPECT_EQ(environment.at("LOGNAME"), "alice");
  EXPECT_EQ(environment.at("PATH"), "/home/alice/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin");
  EXPECT_EQ(environment.count("LD_PRELOAD") + environment.count("PYTHONPATH") + environment.count("IFS"), 0u);
}

TEST(TheMinimalEnvironment, DoesNotTakeThePathOfAnotherUsersLogin) {
  const User root{"root", 0, 0, "/root", "/bin/bash", ""};
  EXPECT_THAT(minimal_environment(root, {{"PATH", "/home/alice/bin"}}).at("PATH"), Not(HasSubstr("alice")));
}

}  // namespace
}  // namespace agent
