#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::ping {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

TEST(Ping, Answers) {
  EXPECT_EQ(tested.check({}, FakeHost()).result, (Map{{"ping", "pong"}}));
  EXPECT_EQ(tested.check({{"data", "x"}}, FakeHost()).result, (Map{{"ping", "x"}}));
}

TEST(Ping, FailsWhereThatIsAskedFor) {
  EXPECT_EQ(error_of([] { tested.check({{"data", "crash"}}, FakeHost()); }), "boom");
}

}  // namespace
}  // namespace agent::ping
