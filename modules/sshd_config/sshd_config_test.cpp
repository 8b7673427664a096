#include "sshd_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::sshd_config {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The beginning of Debian 12's file.
const std::string debian_12 =
    "# This is the sshd server system-wide configuration file.\n\nInclude /etc/ssh/sshd_config.d/*.conf\n\n#Port 22\n"
    "#PermitRootLogin prohibit-password\nKbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\n";
// RHEL 8's has no Include.
const std::string rhel_8 =
    "#Port 22\nHostKey /etc/ssh/ssh_host_rsa_key\n#PermitRootLogin yes\nPasswordAuthentication yes\nX11Forwarding yes\n"
    "# Example\nMatch User anoncvs\n    X11Forwarding no\n";

const Path drop_in = "/etc/ssh/sshd_config.d/10-agent.conf";

FakeHost machine(const std::string& config) {
  FakeHost host;
  host.with_file("/etc/ssh/sshd_config", config)
      .with_file("/usr/sbin/sshd", "", 0755)
      .with_directory("/run/systemd/system")
      .answers_with([](FakeHost&, const Strings& argv) {
        return argv.at(0) == "/usr/sbin/sshd" || argv.at(0) == "systemctl" ? std::optional(Output{}) : std::nullopt;
      });
  return host;
}

Args args(Map settings, Map more = {}) {
  Map map{{"settings", settings}};
  map.merge(more);
  return arguments().spec().check(map);
}

const Map keys_only{{"PasswordAuthentication", false}, {"AllowUsers", List{"alice", "bob"}}, {"Port", List{22, 2222}}};

TEST(SshdConfigWithDropIns, GetsAFileOfItsOwnThatSshdAccepted) {
  FakeHost host = machine(debian_12);
  const Plan plan = expect_laws(*debian(), args(keys_only), host);
  EXPECT_EQ(host.content(drop_in),
            "# Written by agent (sshd_config). The first value that sshd reads counts.\n"
            "PasswordAuthentication no\nAllowUsers alice bob\nPort 22\nPort 2222\n");
  const auto& actions = plan.steps.back().actions;
  const auto& write = std::get<WriteFile>(*std::find_if(
      actions.begin(), actions.end(), [](const auto& action) { return std::holds_alternative<WriteFile>(action); }));
  EXPECT_EQ(write.validate, (Strings{"/usr/sbin/sshd", "-t", "-f", "%s"}));
  EXPECT_EQ(std::get<Exec>(actions.back()).argv, (Strings{"systemctl", "try-reload-or-restart", "ssh.service"}));
  EXPECT_EQ(host.content("/etc/ssh/sshd_config"), debian_12);
}

TEST(SshdConfigWithDropIns, LosesItsFileAgain) {
  FakeHost host = machine(debian_12);
  host.with_file(drop_in, "X11Forwarding no\n");
  expect_laws(*debian(), args({{"X11Forwarding", false}}, {{"state", "absent"}}), host);
  EXPECT_FALSE(host.stat(drop_in));
}

TEST(SshdConfigWithDropIns, SaysWhichEarlierLineWouldWin) {
  FakeHost host = machine(debian_12);
  host.with_file("/etc/ssh/sshd_config.d/05-cloud.conf", "# x\nPasswordAuthentication yes\n");
  EXPECT_THAT(refusal(*debian(), args(keys_only), host),
              HasSubstr("/etc/ssh/sshd_config.d/05-cloud.conf:2 sets PasswordAuthentication to 'yes' and comes first"));
  FakeHost later = machine(debian_12);
  later.with_file("/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\n");
  EXPECT_EQ(refusal(*debian(), args(keys_only), later), "no error");
}

TEST(SshdConfigWithoutDropIns, IsChangedWhereItsLinesStand) {
  FakeHost host = machine(rhel_8);
  expect_laws(*fedora(), args({{"PasswordAuthentication", false}, {"PermitRootLogin", "no"}, {"MaxSessions", 4}}),
              host);
  EXPECT_EQ(host.content("/etc/ssh/sshd_config"),
            "#Port 22\nHostKey /etc/ssh/ssh_host_rsa_key\n#PermitRootLogin yes\nPermitRootLogin no\n"
            "PasswordAuthentication no\nX11Forwarding yes\n# Example\nMaxSessions 4\nMatch User anoncvs\n"
            "    X11Forwarding no\n");
}

TEST(SshdConfigWithoutDropIns, GetsAndLosesAMatchBlock) {
  FakeHost host = machine(rhel_8);
  const Map lab{{"PasswordAuthentication", true}};
  expect_laws(*fedora(), args(lab, {{"match", "Address 10.0.0.0/8"}}), host);
  EXPECT_THAT(host.content("/etc/ssh/sshd_config"),
              HasSubstr("\nMatch Address 10.0.0.0/8\n    PasswordAuthentication yes\n"));
  expect_laws(*fedora(), args(lab, {{"match", "Address 10.0.0.0/8"}, {"state", "absent"}}), host);
  EXPECT_THAT(host.content("/etc/ssh/sshd_config"), Not(HasSubstr("10.0.0.0/8")));
}

TEST(SshdConfigThatSshdRefuses, IsPutBackAsItWas) {
  FakeHost host = machine(debian_12);
  host.with_file(drop_in, "X11Forwarding no\n");
  host.answers({"/usr/sbin/sshd", "-t", "-f", "/etc/ssh/sshd_config"}, {.rc = 255, .err = "line 3: no"});
  const Plan plan = debian()->check(args(keys_only), host);
  EXPECT_THROW(debian()->apply(plan, host), Error);
  EXPECT_EQ(host.content(drop_in), "X11Forwarding no\n");
}

TEST(SshdConfigWithAMistake, IsRefusedBeforeAnythingHappens) {
  EXPECT_THAT(refusal(*debian(), args({{"PaswordAuthentication", false}}), machine(debian_12)),
              HasSubstr("sshd has no setting 'PaswordAuthentication'\nhint: did you mean 'PasswordAuthentication'?"));
  EXPECT_THAT(refusal(*debian(), args({{"PasswordAuthentication", false}, {"PubkeyAuthentication", false}}),
                      machine(debian_12)),
              HasSubstr("nobody could log in any more"));
  EXPECT_THAT(refusal(*debian(), args(keys_only), FakeHost()), HasSubstr("there is no sshd on this machine"));
}

TEST(SshdBehindASocket, IsRestartedWithIt) {
  FakeHost host = machine(debian_12);
  host.with_link("/etc/systemd/system/sockets.target.wants/ssh.socket", "/usr/lib/systemd/system/ssh.socket");
  const Plan plan = expect_laws(*debian(), args({{"Port", 2222}}), host);
  EXPECT_EQ(std::get<Exec>(plan.steps.back().actions.back()).argv, (Strings{"systemctl", "try-restart", "ssh.socket"}));
}

TEST(SshdConfigThatIsSo, IsLeftAlone) {
  FakeHost host = machine(debian_12);
  host.with_file(drop_in, drop_in_text(read_settings(keys_only), ""));
  EXPECT_THAT(debian()->check(args(keys_only), host).steps, IsEmpty());
}

}  // namespace
}  // namespace agent::sshd_config
