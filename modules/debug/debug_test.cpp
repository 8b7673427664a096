#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::debug {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::IsEmpty;

const TestedModule tested(manifest());

TEST(Debug, SaysItsMessage) {
  const Plan plan = tested.check({{"msg", List{"a", 1}}}, FakeHost());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.result, (Map{{"msg", List{"a", 1}}}));
}

TEST(Debug, HasAMessageOfItsOwn) {
  EXPECT_EQ(tested.check({}, FakeHost()).result, (Map{{"msg", "Hello world!"}}));
}

TEST(Debug, PutsAValueUnderTheTextOfItsExpression) {
  EXPECT_EQ(tested.check({{"var", Map{{"text", "x.y"}, {"value", 42}}}}, FakeHost()).result, (Map{{"x.y", 42}}));
}

TEST(Debug, SaysOfAVariableThatIsNotDefined) {
  EXPECT_EQ(tested.check({{"var", Map{{"text", "x"}}}}, FakeHost()).result, (Map{{"x", "VARIABLE IS NOT DEFINED!"}}));
}

TEST(Debug, ShowsAnUnknownValueAsSuch) {
  const Plan plan = tested.check({{"msg", Value::unknown("the task did not run")}}, FakeHost());
  EXPECT_TRUE(plan.result.find("msg")->is_unknown());
}

TEST(Debug, TakesEitherAMessageOrAVariable) {
  EXPECT_EQ(error_of([] {
              tested.check({{"msg", "a"}, {"var", "b"}}, FakeHost());
            }),
            "debug takes only one of 'msg' or 'var'");
}

}  // namespace
}  // namespace agent::debug
