#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <agent/host/process_table.hpp>
#include <agent/host/transient_scope.hpp>

namespace agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

TEST(AScopeForProcessesThatAreThere, IsOneCallOfBusctl) {
  const Command command = scope_call({"agent-r1-7.scope", "user-1000.slice", {7, 12}}, Manager::of_machine, true);
  EXPECT_THAT(
      command.argv,
      ElementsAre("busctl", "--quiet", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                  "org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))", "agent-r1-7.scope",
                  "fail", "5", "PIDs", "au", "2", "7", "12", "Description", "s", "A run of agent", "CollectMode", "s",
                  "inactive-or-failed", "Slice", "s", "user-1000.slice", "OOMPolicy", "s", "continue", "0"));
  EXPECT_EQ(command.environment.count("XDG_RUNTIME_DIR"), 0U);
}

TEST(AScopeForProcessesThatAreThere, IsAskedOfTheUsersOwnManagerAtItsSocket) {
  const Command command = scope_call({"agent-r1-7.scope", "", {7}}, Manager::of_user, false);
  EXPECT_THAT(command.argv, Contains("--user"));
  EXPECT_THAT(command.argv, Not(Contains("Slice")));
  EXPECT_THAT(command.argv, Not(Contains("OOMPolicy")));
  EXPECT_EQ(command.environment.at("XDG_RUNTIME_DIR"), "/run/user/" + std::to_string(::getuid()));
}

int stand_by() {
  char byte = 0;
  return ::write(1, "x", 1) == 1 && ::read(0, &byte, 1) >= 0 ? 0 : 1;
}

int work() {
  ::prctl(PR_SET_NAME, "agent worker");
  return stand_by();
}

void wait_until_it_stands_by(const Child& child) {
  char byte = 0;
  ASSERT_EQ(::read(child.channel.get(), &byte, 1), 1);
}

TEST(AnAgentAndItsWorkers, AreFoundWithoutWhatAWorkerStarted) {
  const Child worker = split_off([] {
    const Child command = split_off(stand_by);
    wait_until_it_stands_by(command);
    return work();
  });
  wait_until_it_stands_by(worker);
  EXPECT_THAT(led_by(::getpid(), "agent worker"), UnorderedElementsAre(::getpid(), worker.pid));
  end(worker.pid);
}

TEST(AnAgentAndItsWorkers, AreFoundBeforeAWorkerHasItsName) {
  const Child worker = split_off(stand_by);
  wait_until_it_stands_by(worker);
  EXPECT_THAT(led_by(::getpid(), "agent worker"), UnorderedElementsAre(::getpid(), worker.pid));
  end(worker.pid);
}

// As sudo stands between the two.
TEST(AnAgentAndItsWorkers, AreFoundWithWhatIsBetweenThem) {
  const Child between = split_off([] {
    const Child worker = split_off(work);
    wait_until_it_stands_by(worker);
    return stand_by();
  });
  wait_until_it_stands_by(between);
  const auto found = led_by(::getpid(), "agent worker");
  EXPECT_EQ(found.size(), 3U);
  EXPECT_THAT(found, IsSupersetOf({::getpid(), between.pid}));
  for (const pid_t pid : found) EXPECT_TRUE(descends_from(pid, ::getpid()));
  end(between.pid);
}

}  // namespace
}  // namespace agent
