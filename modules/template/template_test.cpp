#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::templates {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

TEST(Template, PutsTheRenderedTextInPlace) {
  FakeHost host;
  host.with_directory("/etc/app");
  const Args args = {{"src", "app.conf.j2"},
                     {"dest", "/etc/app/"},
                     {"mode", "0640"},
                     {"src_content", "x = 1\n"},
                     {"src_mode", "0600"}};
  const Plan plan = expect_laws(tested, args, host);
  EXPECT_EQ(host.content("/etc/app/app.conf"), "x = 1\n");
  EXPECT_EQ(host.stat("/etc/app/app.conf")->mode, 0640U);
  EXPECT_EQ(*plan.result.find("dest"), Value("/etc/app/app.conf"));
}

TEST(Template, CanPreserveTheModeAndEndLinesOtherwise) {
  FakeHost host;
  host.with_directory("/etc");
  expect_laws(tested,
              {{"src", "t"},
               {"dest", "/etc/t"},
               {"mode", "preserve"},
               {"newline_sequence", "\r\n"},
               {"src_content", "a\nb\n"},
               {"src_mode", 0600}},
              host);
  EXPECT_EQ(host.content("/etc/t"), "a\r\nb\r\n");
  EXPECT_EQ(host.stat("/etc/t")->mode, 0600U);
}

TEST(Template, IsUnknownWhereWhatItRendersIs) {
  EXPECT_THROW(tested.check({{"src", "t"}, {"dest", "/etc/t"}, {"src_content", Value::unknown("not run")}}, FakeHost()),
               Unknown);
}

}  // namespace
}  // namespace agent::templates
