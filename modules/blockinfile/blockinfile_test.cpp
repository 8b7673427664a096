#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/reference.hpp>

namespace agent::blockinfile {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule blockinfile(manifest());
const Path reference = Path(AGENT_SOURCE_DIR) / "modules/blockinfile/reference.json";

TEST(BlockInFileEdits, AreThoseOfTheReference) {
  expect_edits_of_reference(blockinfile, reference);
}

TEST(BlockInFile, KeepsTheLaws) {
  FakeHost host;
  host.with_file("/etc/hosts", "127.0.0.1 localhost\n");
  const Args args = {{"path", "/etc/hosts"}, {"block", "10.0.0.1 a\n10.0.0.2 b"}, {"mode", "0644"}};
  expect_laws(blockinfile, args, host);
  EXPECT_EQ(
      host.content("/etc/hosts"),
      "127.0.0.1 localhost\n# BEGIN ANSIBLE MANAGED BLOCK\n10.0.0.1 a\n10.0.0.2 b\n# END ANSIBLE MANAGED BLOCK\n");
  Args absent = args;
  absent.set("state", "absent");
  expect_laws(blockinfile, absent, host);
  EXPECT_EQ(host.content("/etc/hosts"), "127.0.0.1 localhost\n");
}

TEST(BlockInFile, RefusesAMarkerThatCannotTellItsEnds) {
  FakeHost host;
  host.with_file("/f", "");
  EXPECT_THAT(error_of([&] {
                blockinfile.check({{"path", "/f"}, {"block", "x"}, {"marker", "# mine"}}, host);
              }),
              ::testing::HasSubstr("has no {mark}"));
}

}  // namespace
}  // namespace agent::blockinfile
