#include <csignal>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/fleet/starter.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

Command command_of(Strings argv) {
  Command command;
  command.argv = std::move(argv);
  command.environment = own_environment();
  return command;
}

TEST(AStarter, StartsProgramsThatOutliveTheThreadThatAsked) {
  Starter starter;
  Child child;
  std::thread([&] { child = starter.start(command_of({"cat"})); }).join();
  ASSERT_EQ(::write(child.channel.get(), "x", 1), 1);
  char echo = 0;
  EXPECT_EQ(::read(child.channel.get(), &echo, 1), 1);
  EXPECT_EQ(echo, 'x');
  child.channel.reset();
  EXPECT_EQ(wait_for(child.pid, std::chrono::seconds(30)), 0);
}

TEST(AStarter, SaysThatAProgramIsMissing) {
  Starter starter;
  EXPECT_THROW(starter.start(command_of({"/no/such/program"})), Error);
}

// What is started here becomes a child of this process when its own parent has been killed.
TEST(AStarter, TakesItsProgramsAlongHoweverItEnds) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t controller = ::fork();
  if (controller == 0) {
    Starter starter;
    const Child child = starter.start(command_of({"sleep", "600"}));
    [[maybe_unused]] const ssize_t put = ::write(ends[1], &child.pid, sizeof child.pid);
    ::kill(::getpid(), SIGKILL);
  }
  pid_t orphan = 0;
  ASSERT_EQ(::read(ends[0], &orphan, sizeof orphan), static_cast<ssize_t>(sizeof orphan));
  int status = 0;
  ASSERT_EQ(::waitpid(controller, &status, 0), controller);
  ASSERT_EQ(::waitpid(orphan, &status, 0), orphan);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
}

}  // namespace
}  // namespace agent::fleet
