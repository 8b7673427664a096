#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/wall/broker.hpp>
#include <agent/wall/privileged_reads.hpp>

namespace agent::wall {
namespace {

class ACommandThatOnlyReads : public ::testing::TestWithParam<const char*> {};

TEST_P(ACommandThatOnlyReads, IsOnTheList) {
  const auto words = plain_words(GetParam());
  ASSERT_TRUE(words);
  const auto read = privileged_read(*words);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().find('/'), std::string::npos);
  EXPECT_EQ(read->size(), words->size());
}

INSTANTIATE_TEST_SUITE_P(
    List, ACommandThatOnlyReads,
    ::testing::Values("systemctl is-active sshd", "/usr/bin/systemctl --quiet is-enabled docker.service",
                      "systemctl show -p MainPID --value nginx", "systemctl list-units --type=service --no-legend",
                      "systemctl is-active user@1000.service", "nft list ruleset", "nft -j list table inet filter",
                      "/usr/sbin/iptables -S", "iptables -t nat -nvL POSTROUTING --line-numbers", "ip6tables -L",
                      "iptables-save -c", "firewall-cmd --list-all --zone=public", "firewall-cmd --query-port=22/tcp",
                      "docker ps -a", "docker info --format x", "dmesg -T --level=err,warn"));

class ACommandThatMayDoMore : public ::testing::TestWithParam<Strings> {};

TEST_P(ACommandThatMayDoMore, IsNotOnTheList) {
  EXPECT_FALSE(privileged_read(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    List, ACommandThatMayDoMore,
    ::testing::Values(Strings{}, Strings{"systemctl"}, Strings{"systemctl", "restart", "sshd"},
                      Strings{"systemctl", "is-active", "sshd", "--host=other"},
                      Strings{"systemctl", "-H", "other", "is-active", "sshd"},
                      Strings{"systemctl", "is-active", "-M", "box"}, Strings{"systemctl", "is-active", "a;b"},
                      Strings{"/tmp/systemctl", "is-active", "sshd"}, Strings{"./systemctl", "is-active", "sshd"},
                      Strings{"nft", "flush", "ruleset"}, Strings{"nft", "list", "ruleset;", "flush", "ruleset"},
                      Strings{"nft", "list", "ruleset\nflush ruleset"}, Strings{"nft", "-f", "file", "list", "ruleset"},
                      Strings{"iptables", "-L", "-Z"}, Strings{"iptables", "-nvLZ"}, Strings{"iptables", "-F"},
                      Strings{"iptables", "-A", "INPUT"}, Strings{"iptables", "-P", "INPUT", "DROP"},
                      Strings{"iptables-save", "-f", "/etc/x"}, Strings{"iptables-save", "-M", "/tmp/modprobe"},
                      Strings{"iptables-restore"}, Strings{"firewall-cmd", "--add-port=1/tcp"},
                      Strings{"firewall-cmd", "--reload"}, Strings{"docker", "run", "x"},
                      Strings{"docker", "-H", "tcp://x", "ps"}, Strings{"docker", "ps", "--host=tcp://x"},
                      Strings{"dmesg", "-C"}, Strings{"dmesg", "-Tc"}, Strings{"dmesg", "--clear"},
                      Strings{"dmesg", "-n", "1"}, Strings{"cat", "/etc/shadow"}));

TEST(PlainWords, AreThoseThatAShellWouldOnlySplit) {
  EXPECT_EQ(plain_words("systemctl  is-active sshd"), (Strings{"systemctl", "is-active", "sshd"}));
  for (const char* line :
       {"a | b", "a; b", "a && b", "a > b", "$A", "`a`", "a 'b'", "a\nb", "a *", "~/a", "{a,b}", "a\\b", ""})
    EXPECT_FALSE(plain_words(line)) << line;
}

TEST(TheBroker, AnswersOnlyWhatIsOnItsList) {
  const auto broker = Broker::start({});
  ASSERT_TRUE(broker);
  EXPECT_FALSE(broker->answer({"true"}));
  EXPECT_FALSE(broker->answer({"/bin/sh", "-c", "systemctl is-active sshd"}));
}

}  // namespace
}  // namespace agent::wall
