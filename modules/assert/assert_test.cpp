#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::assertion {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

Value condition(const char* text, Value value) {
  return Map{{"text", text}, {"value", std::move(value)}};
}

TEST(Assert, SaysThatAllHold) {
  EXPECT_EQ(
      tested.check({{"that", List{condition("a", true), condition("b", "text"), condition("c", List{1})}}}, FakeHost())
          .result,
      (Map{{"msg", "All assertions passed"}}));
}

class FalseValue : public ::testing::TestWithParam<Value> {};

TEST_P(FalseValue, FailsWithTheCondition) {
  try {
    tested.check({{"that", List{condition("a", true), condition("b > 1", GetParam()), condition("c", true)}}},
                 FakeHost());
    FAIL() << "nothing failed";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "Assertion failed");
    EXPECT_EQ(error.result(), (Map{{"assertion", "b > 1"}, {"evaluated_to", false}, {"msg", "Assertion failed"}}));
  }
}

INSTANTIATE_TEST_SUITE_P(Assert, FalseValue,
                         ::testing::Values(Value(false), Value(0), Value(0.0), Value(""), Value(List{}), Value(Map{}),
                                           Value()));

TEST(Assert, SaysTheMessageOfThePlay) {
  EXPECT_EQ(error_of([] {
              tested.check({{"that", condition("a", false)}, {"msg", "needs a GPU"}}, FakeHost());
            }),
            "needs a GPU");
  EXPECT_EQ(error_of([] {
              tested.check({{"that", condition("a", false)}, {"fail_msg", List{"one", "two"}}}, FakeHost());
            }),
            "one\ntwo");
}

TEST(Assert, IsUnknownWhereAConditionIs) {
  EXPECT_THROW(tested.check({{"that", List{condition("a", Value::unknown("not run"))}}}, FakeHost()), Unknown);
}

}  // namespace
}  // namespace agent::assertion
