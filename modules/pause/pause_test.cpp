#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::pause {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::IsEmpty;

const TestedModule tested(manifest());

TEST(Pause, WaitsAndCountsAsNoChange) {
  FakeHost host;
  const Plan plan = tested.check({{"minutes", 0.5}}, host);
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_TRUE(plan.steps[0].renewal);
  EXPECT_EQ(std::get<Exec>(plan.steps[0].actions[0]).argv, (Strings{"sleep", "30.0"}));
  EXPECT_TRUE(tested.apply(plan, host).result.contains("delta"));
}

TEST(Pause, WithoutATimeLeavesTheWaitingToTheEngine) {
  EXPECT_THAT(tested.check({{"prompt", "go on?"}}, FakeHost()).steps, IsEmpty());
}

TEST(Pause, TakesOneTimeThatIsNotNegative) {
  EXPECT_EQ(error_of([] { tested.check({{"seconds", -1}}, FakeHost()); }), "a pause cannot be shorter than nothing");
  EXPECT_EQ(error_of([] {
              tested.check({{"seconds", 1}, {"minutes", 1}}, FakeHost());
            }),
            "pause takes only one of 'seconds' or 'minutes'");
}

}  // namespace
}  // namespace agent::pause
