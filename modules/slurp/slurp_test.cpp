#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::slurp {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::HasSubstr;

const TestedModule tested(manifest());

TEST(Slurp, GivesAFilesBytes) {
  FakeHost host;
  host.with_file("/etc/key", std::string("a\0\xff", 3));
  EXPECT_EQ(tested.check({{"src", "/etc/key"}}, host).result,
            (Map{{"content", "YQD/"}, {"source", "/etc/key"}, {"encoding", "base64"}}));
}

TEST(Slurp, NamesTheFileThatIsNot) {
  EXPECT_EQ(error_of([] { tested.check({{"path", "/none"}}, FakeHost()); }), "there is no file '/none' to read");
  FakeHost host;
  host.with_directory("/etc");
  EXPECT_THAT(error_of([&] { tested.check({{"src", "/etc"}}, host); }), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace agent::slurp
