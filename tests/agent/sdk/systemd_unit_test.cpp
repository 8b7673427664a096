#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>

#include <agent/sdk/error.hpp>
#include <agent/sdk/systemd_unit.hpp>

namespace agent {
namespace {

using test::FakeHost;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SystemdUnit docker{"docker.service", std::nullopt};

TEST(AUnitOfTheSystem, RunsWhereItsControlGroupHasProcesses) {
  for (const char* group :
       {"/sys/fs/cgroup/system.slice/docker.service", "/sys/fs/cgroup/systemd/system.slice/docker.service",
        "/sys/fs/cgroup/unified/system.slice/docker.service"}) {
    FakeHost host;
    host.with_file(Path(group) / "cgroup.procs", "812\n");
    EXPECT_TRUE(docker.is_running(host)) << group;
    host.with_file(Path(group) / "cgroup.procs", "");
    EXPECT_FALSE(docker.is_running(host)) << group;
  }
}

TEST(AUnitOfTheSystem, IsFoundBelowTheGroupOfAContainer) {
  FakeHost host;
  host.with_file("/proc/1/cgroup", "9:name=systemd:/machine/box/init.scope\n0::/machine/box/init.scope\n")
      .with_file("/sys/fs/cgroup/systemd/machine/box/system.slice/docker.service/cgroup.procs", "812\n");
  EXPECT_TRUE(docker.is_running(host));
}

TEST(AUnitOfAUser, RunsBelowTheUsersManager) {
  const SystemdUnit unit{"lab.service", test::alice()};
  FakeHost host;
  host.with_file("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/lab.service/cgroup.procs",
                 "9\n");
  EXPECT_TRUE(unit.is_running(host));
  EXPECT_EQ(unit.file(), "/home/alice/.config/systemd/user/lab.service");
  EXPECT_THAT(unit.systemctl({"start"}, host).argv,
              ElementsAre("runuser", "-u", "alice", "--", "env", "XDG_RUNTIME_DIR=/run/user/1000", "systemctl",
                          "--user", "start", "lab.service"));
}

TEST(AUnit, IsEnabledByALinkOfAnyTarget) {
  FakeHost host;
  EXPECT_FALSE(docker.is_enabled(host));
  host.with_link("/etc/systemd/system/graphical.target.wants/docker.service", "/usr/lib/systemd/system/docker.service");
  EXPECT_TRUE(docker.is_enabled(host));
}

TEST(AService, IsEnabledAndStartedOnce) {
  FakeHost host;
  host.with_directory("/run/systemd/system");
  Plan plan;
  plan_service(docker, {.enabled = true, .running = true}, host, plan);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"service docker.service at boot", "not started", "started"},
                                                    Change{"service docker.service", "stopped", "running"}));
  for (const auto& action : plan.steps[0].actions) host.perform(action);
  Plan again;
  plan_service(docker, {.enabled = true, .running = true}, host, again);
  EXPECT_THAT(again.steps, IsEmpty());
  plan_service(docker, {.running = true, .restart = true}, host, again);
  EXPECT_THAT(again.steps.at(0).changes, ElementsAre(Change{"service docker.service", "running", "restarted"}));
}

TEST(AService, CannotBeStartedWithoutSystemd) {
  Plan plan;
  EXPECT_THROW(plan_service(docker, {.running = true}, FakeHost(), plan), Error);
}

}  // namespace
}  // namespace agent
