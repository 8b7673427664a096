#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>

#include <agent/sdk/error.hpp>
#include <agent/sdk/json_file.hpp>

namespace agent {
namespace {

using test::FakeHost;
using ::testing::ElementsAre;

TEST(AJsonFile, KeepsWhatItIsNotAskedAbout) {
  FakeHost host;
  host.with_file("/etc/d.json", R"({"a": 1, "b": {"c": 2, "d": 3}})");
  Plan plan;
  EXPECT_TRUE(plan_json_file("/etc/d.json", {{"b", Map{{"c", 9}}}, {"e", "x"}}, host, plan));
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"/etc/d.json b", "{\"c\":2,\"d\":3}", "{\"c\":9,\"d\":3}"},
                                                    Change{"/etc/d.json e", std::nullopt, "x"}));
  for (const auto& action : plan.steps.at(0).actions) host.perform(action);
  EXPECT_EQ(Value(read_json_file("/etc/d.json", host)),
            Value(Map{{"a", 1}, {"b", Map{{"c", 9}, {"d", 3}}}, {"e", "x"}}));
  Plan again;
  EXPECT_FALSE(plan_json_file("/etc/d.json", {{"b", Map{{"c", 9}}}, {"e", "x"}}, host, again));
}

TEST(AJsonFile, LosesAKeyThatIsNull) {
  FakeHost host;
  host.with_file("/etc/d.json", R"({"a": 1, "b": 2})");
  Plan plan;
  EXPECT_TRUE(plan_json_file("/etc/d.json", {{"a", Value()}}, host, plan));
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"/etc/d.json a", "1", std::nullopt}));
  Plan none;
  EXPECT_FALSE(plan_json_file("/etc/d.json", {{"z", Value()}}, host, none));
}

TEST(AJsonFile, ThatIsNoneIsNotReplaced) {
  FakeHost host;
  host.with_file("/etc/d.json", "{broken");
  EXPECT_THROW(read_json_file("/etc/d.json", host), Error);
  host.with_file("/etc/d.json", "[1]");
  EXPECT_THROW(read_json_file("/etc/d.json", host), Error);
  host.with_file("/etc/d.json", "\n");
  EXPECT_TRUE(read_json_file("/etc/d.json", host).empty());
}

}  // namespace
}  // namespace agent
