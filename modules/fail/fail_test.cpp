#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::fail {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

TEST(Fail, FailsWithItsMessage) {
  EXPECT_EQ(error_of([] { tested.check({{"msg", "no GPU"}}, FakeHost()); }), "no GPU");
  EXPECT_EQ(error_of([] { tested.check({}, FakeHost()); }), "Failed as requested from task");
}

}  // namespace
}  // namespace agent::fail
