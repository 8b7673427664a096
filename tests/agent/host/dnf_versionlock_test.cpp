#include <gtest/gtest.h>

#include <agent/host/dnf_versionlock.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

const Package vim{.name = "vim", .version = "2:9.0-1.fc40", .architecture = "x86_64"};

class LocksOfDnf4 : public testing::TestWithParam<std::pair<const char*, bool>> {};

TEST_P(LocksOfDnf4, HoldWhatTheyName) {
  const test::TemporaryDirectory root;
  const auto& [line, held] = GetParam();
  root.put("etc/dnf/plugins/versionlock.list", std::string("# a remark\n\n") + line + "\n");
  EXPECT_EQ(DnfVersionLock(root.path()).holds(vim), held) << line;
}

INSTANTIATE_TEST_SUITE_P(Lines, LocksOfDnf4,
                         testing::Values(std::pair("vim-2:9.0-1.fc40.*", true), std::pair("vim-9.0-1.fc40", true),
                                         std::pair("vim", true), std::pair("vi*", true), std::pair("vim.x86_64", true),
                                         std::pair("vim-2:9.1-1.fc40.*", false), std::pair("vim-enhanced", false),
                                         std::pair("!vim-2:9.0-1.fc40.*", false), std::pair("# vim", false)));

TEST(LocksOfDnf5, AreKeptByName) {
  const test::TemporaryDirectory root;
  root.put("etc/dnf/versionlock.toml",
           "version = \"1.0\"\n\n[[packages]]\nname = \"vim\"\ncomment = \"name = 'git'\"\n"
           "[[packages.conditions]]\nkey = \"evr\"\ncomparator = \"=\"\nvalue = \"2:9.0-1.fc40\"\n");
  const DnfVersionLock locks(root.path());
  EXPECT_TRUE(locks.holds(vim));
  EXPECT_FALSE(locks.holds({.name = "git", .version = "2.45-1.fc40", .architecture = "x86_64"}));
}

TEST(LocksOfDnf, AreNoneWhereThereIsNoFile) {
  const test::TemporaryDirectory root;
  EXPECT_FALSE(DnfVersionLock(root.path()).holds(vim));
}

}  // namespace
}  // namespace agent
