#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/fleet/ssh.hpp>

namespace agent::fleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

executor::Login at(const std::string& address) {
  executor::Login login;
  login.connection = "ssh";
  login.address = address;
  return login;
}

Strings words_of(const executor::Login& login, HostKeys keys = HostKeys::known) {
  return ssh_command("web", login, keys, "exec sh").argv;
}

std::string message(const executor::Login& login) {
  try {
    words_of(login);
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(TheSshCommand, EndsWithTheAddressAndWhatIsToRun) {
  auto login = at("192.0.2.7");
  login.port = "2222";
  login.user = "admin";
  login.key = "/keys/lab";
  login.arguments = "-o 'ProxyJump=bastion'";
  const Strings words = words_of(login);
  const Strings end(words.end() - 13, words.end());
  EXPECT_THAT(end, ElementsAre("-p", "2222", "-l", "admin", "-i", "/keys/lab", "-o", "IdentitiesOnly=yes", "-o",
                               "ProxyJump=bastion", "--", "192.0.2.7", "exec sh"));
}

TEST(TheSshCommand, NeverAsksAndIsStrictUnlessToldToAcceptNewKeys) {
  EXPECT_THAT(words_of(at("")), Contains("BatchMode=yes"));
  EXPECT_THAT(words_of(at("")), Contains("StrictHostKeyChecking=yes"));
  EXPECT_THAT(words_of(at(""), HostKeys::accept_new), Contains("StrictHostKeyChecking=accept-new"));
}

// ssh takes the first value of an option that it meets.
TEST(TheSshCommand, LetsNoArgumentOfAnInventoryTurnTheCheckOfHostKeysOff) {
  auto login = at("");
  login.arguments = "-o StrictHostKeyChecking=no";
  const Strings words = words_of(login);
  EXPECT_LT(std::find(words.begin(), words.end(), "StrictHostKeyChecking=yes"),
            std::find(words.begin(), words.end(), "StrictHostKeyChecking=no"));
}

TEST(TheSshCommand, RefusesNamesThatCouldBeReadAsSomethingElse) {
  for (const char* address : {"-oProxyCommand=x", "$(x)", "a b", "a;b", "a`b`", "a'b", "a\nb", "a\\b", "a@b"})
    EXPECT_THAT(message(at(address)), HasSubstr("is not the name or address of a host")) << address;
  for (const char* address : {"web-1.example.org", "192.0.2.7", "2001:db8::1", "fe80::1%eth0", "[2001:db8::1]"})
    EXPECT_EQ(message(at(address)), "") << address;
}

TEST(TheSshCommand, RefusesUsersAndPortsThatAreNone) {
  for (const char* user : {"-oProxyCommand=x", "a b", "$x", "a/b"}) {
    auto login = at("");
    login.user = user;
    EXPECT_THAT(message(login), HasSubstr("is not the name of a user")) << user;
  }
  for (const char* port : {"0", "65536", "22 -o x", "-1", "ssh", "999999"}) {
    auto login = at("");
    login.port = port;
    EXPECT_THAT(message(login), HasSubstr("is not a port")) << port;
  }
}

TEST(TheSshCommand, AsksForAPasswordOnceWhereThereIsOneAndNeverNamesIt) {
  auto login = at("");
  login.password = "s3cret";
  const Command command = ssh_command("web", login, HostKeys::known, "true");
  EXPECT_THAT(command.argv, Contains("NumberOfPasswordPrompts=1"));
  EXPECT_THAT(command.argv, Not(Contains("BatchMode=yes")));
  for (const auto& word : command.argv) EXPECT_THAT(word, Not(HasSubstr("s3cret")));
  for (const auto& [name, value] : command.environment) EXPECT_THAT(value, Not(HasSubstr("s3cret"))) << name;
}

TEST(ShellWords, AreSplitAsAShellWouldAndNothingIsExpanded) {
  EXPECT_THAT(shell_words("  -o 'A=b c'  -J \"x y\"z \\$HOME $HOME ''"),
              ElementsAre("-o", "A=b c", "-J", "x yz", "$HOME", "$HOME", ""));
  EXPECT_THAT(shell_words(R"("a\"b" 'c\d')"), ElementsAre("a\"b", "c\\d"));
  EXPECT_THAT(shell_words(""), ElementsAre());
  EXPECT_THROW(shell_words("'open"), Error);
}

TEST(WhySshFailed, IsToldWithTheWayOut) {
  const struct {
    const char *printed, *message, *hint;
  } cases[] = {
      {"Host key verification failed.\r\n", "its host key is not known", "--accept-new-host-keys"},
      {"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n",
       "not the one that is known", "ssh-keygen -R 192.0.2.7"},
      {"admin@192.0.2.7: Permission denied (publickey).\n", "does not let", "ssh-add -l"},
      {"ssh: Could not resolve hostname x: Name or service not known\n", "no such name", "ansible_host"},
      {"ssh: connect to host x port 22: Connection refused\n", "nothing listens there", "ansible_port"},
      {"ssh: connect to host x port 22: Connection timed out\n", "does not answer", "-T"},
  };
  for (const auto& one : cases) {
    const Unreachable error = ssh_failure("web", at("192.0.2.7"), one.printed);
    EXPECT_THAT(error.message(), HasSubstr("cannot reach 'web' (192.0.2.7): "));
    EXPECT_THAT(error.message(), HasSubstr(one.message));
    EXPECT_THAT(error.hints(), Contains(HasSubstr(one.hint))) << one.printed;
  }
  EXPECT_THAT(ssh_failure("web", at(""), "debug\nfoo: bar\n").message(), HasSubstr("ssh said: foo: bar"));
}

}  // namespace
}  // namespace agent::fleet
