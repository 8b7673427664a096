#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::raw {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::ElementsAre;

const TestedModule tested(manifest());

TEST(Raw, RunsItsLineInAShellAndRegistersNoCommand) {
  const Plan plan = tested.check({{"cmd", "uname -a"}}, FakeHost());
  EXPECT_THAT(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv, ElementsAre("/bin/sh", "-c", "uname -a"));
  EXPECT_FALSE(plan.result.contains("cmd"));
}

}  // namespace
}  // namespace agent::raw
