#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/fleet/kept_logins.hpp>
#include <agent/fleet/ssh.hpp>

namespace agent::fleet {
namespace {

using testing::HasSubstr;
using testing::Not;

class ALogin : public testing::Test {
 protected:
  ALogin() {
    ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
    login_.address = "10.0.0.7";
    // What it is told is kept, a line for each time.
    login_.executable = folder_.put("ssh", "#!/bin/sh\necho \"$*\" >>\"$0.told\"\n").string();
    ::chmod(login_.executable.c_str(), 0755);
  }

  ~ALogin() override { ::setenv("HOME", home_.c_str(), 1); }

  static std::string content(const Path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string told() const { return content(login_.executable + ".told"); }

  const std::string home_ = std::getenv("HOME") ? std::getenv("HOME") : "/";
  test::TemporaryDirectory folder_;
  executor::Login login_;
};

TEST_F(ALogin, IsKeptWhereTheUsersOwnFilesSayNothingElse) {
  const auto file = KeptLogins(KeptLogins::Use::make).configuration("web", login_);
  ASSERT_TRUE(file);
  const std::string text = content(*file);
  EXPECT_THAT(text, testing::StartsWith("Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\nHost *\n"));
  EXPECT_THAT(text, HasSubstr("ControlPersist 60"));
  struct stat info {};
  ASSERT_EQ(::stat(file->parent_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(ALogin, IsUsedByACheckWhichKeepsNone) {
  const auto file = KeptLogins(KeptLogins::Use::take).configuration("web", login_);
  ASSERT_TRUE(file);
  EXPECT_THAT(content(*file), HasSubstr("ControlPath"));
  EXPECT_THAT(content(*file), Not(HasSubstr("ControlMaster")));
}

TEST_F(ALogin, HasTheConfigurationThatItsArgumentsName) {
  login_.arguments = "-v -F /etc/lab.conf -o Compression=yes";
  const auto file = KeptLogins(KeptLogins::Use::make).configuration("web", login_);
  ASSERT_TRUE(file);
  EXPECT_THAT(content(*file), testing::StartsWith("Include \"/etc/lab.conf\"\nHost *\n"));
  const Strings words = ssh_command("web", login_, HostKeys::known, "true", file).argv;
  EXPECT_EQ(std::count(words.begin(), words.end(), "-F"), 1);
  EXPECT_THAT(words, testing::IsSupersetOf({std::string("-v"), file->string(), std::string("Compression=yes")}));
}

TEST_F(ALogin, OverAnotherWayIsAnotherLogin) {
  KeptLogins kept(KeptLogins::Use::make);
  const auto first = kept.configuration("web", login_);
  login_.arguments = "-J bastion";
  EXPECT_NE(kept.configuration("db", login_), first);
}

TEST_F(ALogin, IsKeptOfTheFirstHostsOfALargeFleet) {
  KeptLogins kept(KeptLogins::Use::make);
  for (std::size_t i = 0; i < KeptLogins::most_hosts; ++i)
    EXPECT_TRUE(kept.configuration("node" + std::to_string(i), login_)) << i;
  EXPECT_FALSE(kept.configuration("one more", login_));
  EXPECT_TRUE(kept.configuration("node0", login_)) << "which it is kept of already";
}

TEST_F(ALogin, IsForgottenOnceAndNotKeptAgain) {
  KeptLogins kept(KeptLogins::Use::make);
  login_.user = "alice";
  login_.port = "2222";
  const auto file = kept.configuration("web", login_);
  kept.forget({"web"});
  EXPECT_EQ(told(), "-F " + file->string() + " -O stop -p 2222 -l alice -- 10.0.0.7\n");
  EXPECT_FALSE(kept.configuration("web", login_));
  kept.forget({"web", "never seen"});
  const std::string all = told();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1);
}

TEST_F(ALogin, IsNotKeptInAFolderThatOthersCanReach) {
  ::setenv("HOME", "not a place", 1);
  ASSERT_EQ(::mkdir((folder_.path() / "agent-ssh").c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder_.path() / "agent-ssh").c_str(), 0777), 0);
  EXPECT_FALSE(KeptLogins(KeptLogins::Use::make).configuration("web", login_));
}

TEST_F(ALogin, IsNotKeptWhereTheNameOfASocketWouldBeTooLong) {
  ::setenv("HOME", "not a place", 1);
  const Path deep = folder_.path() / std::string(80, 'x');
  ASSERT_EQ(::mkdir(deep.c_str(), 0700), 0);
  ::setenv("XDG_RUNTIME_DIR", deep.c_str(), 1);
  EXPECT_FALSE(KeptLogins(KeptLogins::Use::make).configuration("web", login_));
}

TEST(TheEndOfAKeptLogin, IsToldFromOneThatWasRefused) {
  EXPECT_TRUE(is_of_kept_login("mux_client_request_session: read from master failed: Broken pipe"));
  EXPECT_FALSE(is_of_kept_login("alice@web: Permission denied (publickey)."));
}

}  // namespace
}  // namespace agent::fleet
