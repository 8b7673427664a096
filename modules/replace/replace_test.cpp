#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/reference.hpp>

namespace agent::replace {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule replace(manifest());
const Path reference = Path(AGENT_SOURCE_DIR) / "modules/replace/reference.json";

TEST(ReplaceEdits, AreThoseOfTheReference) {
  expect_edits_of_reference(replace, reference);
}

TEST(Replace, KeepsTheLaws) {
  FakeHost host;
  host.with_file("/f", "http://a/\nhttp://b/\n");
  const Plan plan =
      expect_laws(replace, {{"path", "/f"}, {"regexp", "^http://(\\w)"}, {"replace", "https://\\1.org"}}, host);
  EXPECT_EQ(host.content("/f"), "https://a.org/\nhttps://b.org/\n");
  EXPECT_EQ(*plan.result.find("msg"), Value("2 replacements made"));
}

TEST(Replace, SaysThatItWouldChangeEachTime) {
  FakeHost host;
  host.with_file("/f", "a");
  EXPECT_TRUE(replace.check({{"path", "/f"}, {"regexp", "a"}, {"replace", "aa"}}, host).steps.at(0).event);
}

TEST(Replace, WorksOnBytesWhereTheyAreNoText) {
  FakeHost host;
  host.with_file("/f", "\xff a \xfe\n");
  expect_laws(replace, {{"path", "/f"}, {"regexp", "a"}, {"replace", "b"}}, host);
  EXPECT_EQ(host.content("/f"), "\xff b \xfe\n");
}

}  // namespace
}  // namespace agent::replace
