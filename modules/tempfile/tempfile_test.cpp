#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::tempfile {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const TestedModule tested(manifest());

FakeHost with_tmp() {
  FakeHost host;
  host.with_directory("/tmp", 01777);
  return host;
}

TEST(TempFile, MakesOneThatOnlyItsUserMayRead) {
  FakeHost host = with_tmp();
  const Plan plan = tested.check({{"suffix", ".build"}}, host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_TRUE(plan.steps[0].event);
  EXPECT_EQ(plan.steps[0].changes, (std::vector<Change>{{"temporary file", std::nullopt, "/tmp/ansible.....build"}}));
  const Map result = tested.apply(plan, host).result;
  EXPECT_THAT(result.find("path")->string(), MatchesRegex("/tmp/ansible\\.[a-z0-9_]{10}\\.build"));
  EXPECT_EQ(*result.find("mode"), Value("0600"));
  EXPECT_EQ(host.stat(result.find("path")->string())->mode, 0600U);
}

TEST(TempFile, MakesAnotherDirectoryEachTime) {
  FakeHost host = with_tmp();
  const Plan plan = expect_laws(tested, {{"state", "directory"}}, host);
  const Map first = tested.apply(plan, host).result, second = tested.apply(plan, host).result;
  EXPECT_NE(*first.find("path"), *second.find("path"));
  EXPECT_EQ(*first.find("mode"), Value("0700"));
  EXPECT_TRUE(host.stat(first.find("path")->string())->is_directory());
}

TEST(TempFile, IsNotLedElsewhereByALinkOfAUser) {
  FakeHost host = with_tmp();
  host.with_user(alice()).with_directory("/etc/cron.d").with_link("/home/alice/work", "/etc/cron.d");
  EXPECT_THAT(error_of([&] {
                tested.check({{"path", "/home/alice/work"}}, host);
              }),
              HasSubstr("will not follow the link '/home/alice/work'"));
}

TEST(TempFile, RefusesANameThatLeadsElsewhere) {
  EXPECT_THAT(error_of([] { tested.check({{"prefix", "../x"}}, with_tmp()); }), HasSubstr("no part of a file name"));
  EXPECT_THAT(error_of([] {
                tested.check({{"path", "/none"}}, with_tmp());
              }),
              HasSubstr("there is no directory '/none'"));
}

}  // namespace
}  // namespace agent::tempfile
