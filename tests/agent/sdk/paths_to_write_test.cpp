#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>

#include <agent/sdk/paths.hpp>

namespace agent {
namespace {

using test::alice;
using test::FakeHost;

/// Where a write to `path` would go, or why it is refused.
std::string target_of(const std::string& path, const Host& host) {
  try {
    return resolve_links_to_write(path, host).string();
  } catch (const Error& error) {
    return error.message();
  }
}

FakeHost machine() {
  FakeHost host;
  host.with_user(alice())
      .with_file("/etc/shadow", "secret")
      .with_file("/home/alice/dotfiles/bashrc", "", 0644, "alice")
      .with_link("/home/alice/.bashrc", "dotfiles/bashrc")
      .with_link("/home/alice/.profile", "/etc/shadow")
      .with_link("/home/alice/etc", "/etc")
      .with_link("/etc/alternative", "shadow")
      .with_link("/tmp/mine", "/etc/shadow");
  return host;
}

TEST(AFileToBeWritten, IsReachedThroughALinkThatRootMade) {
  EXPECT_EQ(target_of("/etc/alternative", machine()), "/etc/shadow");
  EXPECT_EQ(target_of("/tmp/mine", machine()), "/etc/shadow");
  EXPECT_EQ(target_of("/etc/new", machine()), "/etc/new");
}

TEST(AFileToBeWritten, IsReachedThroughAUsersLinkToTheirOwn) {
  EXPECT_EQ(target_of("/home/alice/.bashrc", machine()), "/home/alice/dotfiles/bashrc");
}

TEST(AFileToBeWritten, IsNotReachedThroughAUsersLinkToAnothers) {
  EXPECT_EQ(
      target_of("/home/alice/.profile", machine()),
      "will not follow the link '/home/alice/.profile' to '/etc/shadow': 'alice' may write in the directory it is "
      "in, and could point it anywhere");
  EXPECT_THAT(target_of("/home/alice/etc/shadow", machine()),
              ::testing::StartsWith("will not follow the link '/home/alice/etc' to '/etc'"));
}

TEST(AFileToBeWritten, IsReachedThroughEveryLinkByTheUserWhoOwnsIt) {
  FakeHost host = machine();
  host.as(alice());
  EXPECT_EQ(target_of("/home/alice/.profile", host), "/etc/shadow") << "the kernel refuses what she may not do";
}

}  // namespace
}  // namespace agent
