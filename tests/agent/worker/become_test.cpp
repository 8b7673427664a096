#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/worker/become.hpp>

namespace agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const User root{"root", 0, 0, "/root", "/bin/sh", ""};
const User alice{"alice", 1000, 1000, "/home/alice", "/bin/sh", ""};

Identity becoming(const std::string& user) {
  Identity identity;
  identity.become = true;
  identity.user = user;
  return identity;
}

TEST(Root, BecomesAnotherByChangingItsOwnIds) {
  EXPECT_EQ(way_to(becoming("daemon"), root).change_ids_to, "daemon");
}

TEST(Root, StaysWhoItIsWhenAskedToBecomeRoot) {
  const Become become = way_to(becoming("root"), root);
  EXPECT_EQ(become.change_ids_to, "");
  EXPECT_FALSE(become.by_tool);
}

TEST(Root, CannotBecomeAUserWhoDoesNotExist) {
  EXPECT_THROW(way_to(becoming("nobody-of-this-name"), root), Error);
}

TEST(AUser, BecomesRootThroughSudoWithoutAskingAnything) {
  const Become become = way_to(becoming("root"), alice);
  ASSERT_TRUE(become.by_tool);
  EXPECT_THAT(worker_command("/opt/agent", becoming("root"), become, false).argv,
              ElementsAre("sudo", "-H", "-n", "-u", "root", "--", "/opt/agent", "worker"));
}

TEST(AUser, HandsAPasswordOverOnStdinAndNeverOnTheCommandLine) {
  const Become become = way_to(becoming("root"), alice);
  EXPECT_THAT(worker_command("/opt/agent", becoming("root"), become, true).argv,
              ElementsAre("sudo", "-H", "-S", "-k", "-p", "", "-u", "root", "--", "/opt/agent", "worker"));
}

TEST(AUser, CannotUseAMethodThatNeedsATerminal) {
  Identity identity = becoming("root");
  identity.method = "su";
  EXPECT_THROW(way_to(identity, alice), Error);
}

class AHostileUserName : public testing::TestWithParam<const char*> {};

TEST_P(AHostileUserName, IsRefused) {
  EXPECT_THROW(way_to(becoming(GetParam()), alice), Error);
}

INSTANTIATE_TEST_SUITE_P(Names, AHostileUserName,
                         testing::Values("", "-u", "a b", "a;id", "$(id)", "a\nb", "`id`", "../x"));

struct Said {
  std::string printed, message;
};

class ARefusalOfSudo : public testing::TestWithParam<Said> {};

TEST_P(ARefusalOfSudo, SaysWhatIsWrong) {
  EXPECT_THAT(refusal(becoming("root"), alice, GetParam().printed, false).message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ARefusalOfSudo,
    testing::Values(Said{"sudo: a password is required\n", "sudo wants a password"},
                    Said{"Sorry, try again.\nsudo: 1 incorrect password attempt\n", "the password was wrong"},
                    Said{"alice is not in the sudoers file.\n", "sudo does not allow it"},
                    Said{"sudo: unable to execute /home/a/agent: Permission denied\n", "closed to"},
                    Said{"sudo: unknown user eve\n", "there is no user"},
                    Said{"something else\n", "'alice' cannot become 'root'"}));

}  // namespace
}  // namespace agent
