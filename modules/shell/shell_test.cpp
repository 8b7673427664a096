#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::shell {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::ElementsAre;

const TestedModule tested(manifest());

TEST(Shell, HandsItsLineToTheShellAsItIs) {
  const Plan plan = tested.check({{"cmd", "echo $HOME | tr a b\nexit 0\n"}}, FakeHost());
  const auto& exec = std::get<Exec>(plan.steps.at(0).actions.at(0));
  EXPECT_THAT(exec.argv, ElementsAre("/bin/sh", "-c", "echo $HOME | tr a b\nexit 0\n"));
  EXPECT_EQ(*plan.result.find("cmd"), Value("echo $HOME | tr a b\nexit 0\n"));
}

TEST(Shell, TakesTheShellThatIsNamed) {
  const Plan plan = tested.check({{"cmd", "set -o pipefail"}, {"executable", "/bin/bash"}}, FakeHost());
  EXPECT_EQ(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv.front(), "/bin/bash");
}

TEST(Shell, IsNotRunWhereItIsDone) {
  FakeHost host;
  host.with_file("/done", "");
  EXPECT_TRUE(tested.check({{"cmd", "x"}, {"creates", "/done"}}, host).empty());
}

}  // namespace
}  // namespace agent::shell
