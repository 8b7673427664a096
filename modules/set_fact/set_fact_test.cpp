#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::set_fact {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::HasSubstr;

const TestedModule tested(manifest());

TEST(SetFact, SetsWhatItIsGiven) {
  EXPECT_EQ(tested.check({{"a", 1}, {"b_2", List{true}}}, FakeHost()).result,
            (Map{{"ansible_facts", Map{{"a", 1}, {"b_2", List{true}}}}}));
}

TEST(SetFact, KeepsAnUnknownValueAsOne) {
  const Plan plan = tested.check({{"a", Value::unknown("not run")}}, FakeHost());
  EXPECT_TRUE((*plan.result.find("ansible_facts"))["a"].is_unknown());
}

TEST(SetFact, SaysWhetherTheFactsAreToBeCached) {
  EXPECT_TRUE(tested.check({{"a", 1}, {"cacheable", "yes"}}, FakeHost()).result.contains("_ansible_facts_cacheable"));
}

TEST(SetFact, RefusesWhatIsNoNameOrNothing) {
  EXPECT_EQ(error_of([] { tested.check({{"a-b", 1}}, FakeHost()); }), "'a-b' is not a name for a variable");
  EXPECT_EQ(error_of([] { tested.check({{"2a", 1}}, FakeHost()); }), "'2a' is not a name for a variable");
  EXPECT_THAT(error_of([] { tested.check({}, FakeHost()); }), HasSubstr("at least one variable"));
}

}  // namespace
}  // namespace agent::set_fact
