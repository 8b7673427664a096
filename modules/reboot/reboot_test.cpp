#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::reboot {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

Strings last_command(const Args& args, const Host& host) {
  const Plan plan = tested.check(args, host);
  return std::get<Exec>(plan.steps.at(0).actions.back()).argv;
}

TEST(Reboot, IsAnEventThatShowsItsChange) {
  FakeHost host;
  const Plan plan = tested.check({{"pre_reboot_delay", 5}}, host);
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_TRUE(plan.steps[0].event);
  EXPECT_EQ(plan.steps[0].changes, (std::vector<Change>{{"machine", "running", "rebooted"}}));
  EXPECT_EQ(std::get<Exec>(plan.steps[0].actions[0]).argv, (Strings{"sleep", "5"}));
}

TEST(Reboot, AsksWhoeverRunsTheMachine) {
  FakeHost plain, systemd;
  systemd.with_directory("/run/systemd/system");
  EXPECT_EQ(last_command({{"msg", "soon"}}, plain), (Strings{"shutdown", "-r", "now", "soon"}));
  EXPECT_EQ(last_command({{"msg", "soon"}}, systemd), (Strings{"systemctl", "--no-block", "--message=soon", "reboot"}));
  EXPECT_EQ(last_command({{"reboot_command", "kexec -e"}}, systemd), (Strings{"sh", "-c", "kexec -e"}));
}

TEST(Reboot, TakesNoTimeBelowNothing) {
  EXPECT_EQ(error_of([] {
              tested.check({{"post_reboot_delay", -1}}, FakeHost());
            }),
            "a time cannot be shorter than nothing");
}

}  // namespace
}  // namespace agent::reboot
