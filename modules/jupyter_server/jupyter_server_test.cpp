#include "jupyter_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::jupyter_server {
namespace {

using test::alice;
using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Path site = "/ml/env/lib/python3.11/site-packages";
const Path config = "/home/alice/.jupyter/jupyterlab_config.json";
const Path user_unit = "/home/alice/.config/systemd/user/jupyterlab.service";

FakeHost machine() {
  FakeHost host = test::machine_with_environment();
  host.with_user(alice())
      .with_directory("/run/systemd/system")
      .with_file("/etc/machine-id", "0123456789abcdef\n")
      .with_file(site / "jupyterlab-4.4.9.dist-info/METADATA", "Name: jupyterlab\nVersion: 4.4.9\n")
      .with_file(site / "jupyter_server-2.17.0.dist-info/METADATA", "Name: jupyter_server\nVersion: 2.17.0\n");
  return host;
}

Args args(Map more = {}) {
  Map map{{"venv", "/ml/env"}};
  map.merge(more);
  return arguments().spec().check(map);
}

TEST(JupyterServerOfAUser, GetsItsConfigurationAndAUnitAndIsStarted) {
  FakeHost host = machine();
  host.as(alice());
  const Plan plan = expect_laws(*any(), args({{"password", "open sesame"}}), host);
  const std::string kept = host.content(config);
  EXPECT_THAT(kept, HasSubstr("\"hashed_password\": \"sha512:"));
  EXPECT_THAT(kept, HasSubstr("\"ip\": \"127.0.0.1\""));
  EXPECT_THAT(kept, Not(HasSubstr("sesame")));
  EXPECT_EQ(host.stat(config)->mode, 0600u);
  EXPECT_THAT(host.content(user_unit),
              HasSubstr("ExecStart=/ml/env/bin/jupyter lab --config=" + config.string() + "\n"));
  EXPECT_THAT(host.content(user_unit), HasSubstr("WantedBy=default.target"));
  EXPECT_EQ(plan.result.find("url")->string(), "http://127.0.0.1:8888/");
  bool shown = false;
  for (const auto& step : plan.steps)
    for (const auto& change : step.changes)
      shown = shown || (change.after && change.after->find("sha512") != std::string::npos && !change.secret);
  EXPECT_FALSE(shown);
}

TEST(JupyterServerOfAUser, IsSetUpByRootAsThatUser) {
  FakeHost host = machine();
  const Plan plan = expect_laws(*any(), args({{"user", "alice"}, {"token", "secret-token"}}), host);
  EXPECT_EQ(host.stat(user_unit)->uid, 1000u);
  EXPECT_EQ(host.stat("/home/alice/.jupyter")->mode, 0700u);
  const Exec& start = std::get<Exec>(plan.steps.back().actions.back());
  EXPECT_EQ(start.argv, (Strings{"runuser", "-u", "alice", "--", "env", "XDG_RUNTIME_DIR=/run/user/1000", "systemctl",
                                 "--user", "start", "jupyterlab.service"}));
}

TEST(JupyterServerOfTheSystem, RunsAsItsUser) {
  FakeHost host = machine();
  expect_laws(*any(), args({{"user", "alice"}, {"scope", "system"}, {"token", "secret-token"}, {"ip", "0.0.0.0"}}),
              host);
  const std::string unit = host.content("/etc/systemd/system/jupyterlab.service");
  EXPECT_THAT(unit, HasSubstr("User=alice\n"));
  EXPECT_THAT(unit, HasSubstr("WantedBy=multi-user.target"));
  EXPECT_EQ(host.stat(config)->uid, 1000u);
}

TEST(JupyterServerThatRuns, IsRestartedWhenItsConfigurationChanges) {
  FakeHost host = machine();
  host.as(alice());
  expect_laws(*any(), args({{"token", "a"}}), host);
  EXPECT_THAT(any()->check(args({{"token", "a"}}), host).steps, IsEmpty());
  const Plan plan = expect_laws(*any(), args({{"token", "b"}}), host);
  EXPECT_EQ(plan.steps.back().changes.back(), (Change{"service jupyterlab.service", "running", "restarted"}));
}

TEST(JupyterServerThatRuns, IsTakenAway) {
  FakeHost host = machine();
  host.as(alice());
  expect_laws(*any(), args({{"token", "a"}}), host);
  expect_laws(*any(), args({{"state", "absent"}}), host);
  EXPECT_FALSE(host.stat(user_unit));
  EXPECT_FALSE(host.stat(config));
}

TEST(APassword, KeepsTheHashThatIsThereWhenItIsOneOfIt) {
  // hashlib.sha1(b"tobi" + b"8e49").hexdigest(), the form of older Jupyters.
  const std::string sha1 = "sha1:8e49:66d042ce3e6366c23b2e8f794cb06e1a19c46e15";
  EXPECT_EQ(is_hash_of(hashed_password("tobi", "8e49"), "tobi"), true);
  EXPECT_EQ(is_hash_of(hashed_password("tobi", "8e49"), "toby"), false);
  EXPECT_EQ(is_hash_of(sha1, "tobi"), true);
  EXPECT_EQ(is_hash_of(sha1, "toby"), false);
  EXPECT_EQ(is_hash_of("argon2:$argon2id$v=19$m=10240,t=10,p=8$x$y", "tobi"), std::nullopt);
  FakeHost host = machine();
  host.as(alice());
  host.with_file(config,
                 "{\"PasswordIdentityProvider\": {\"hashed_password\": \"" + hashed_password("tobi", "ffff") + "\"}}",
                 0600, "alice");
  expect_laws(*any(), args({{"password", "tobi"}}), host);
  EXPECT_THAT(host.content(config), HasSubstr("sha512:ffff:"));
}

TEST(JupyterServerWithAMistake, IsRefused) {
  EXPECT_THAT(refusal(*any(), args({{"user", "alice"}, {"ip", "0.0.0.0"}, {"token", ""}}), machine()),
              HasSubstr("an empty token on '0.0.0.0' lets everybody"));
  EXPECT_THAT(refusal(*any(), args({{"ip", "0.0.0.0"}, {"token", "x"}}), machine()),
              HasSubstr("hands the machine to the network"));
  EXPECT_THAT(refusal(*any(), args({{"port", 0}}), machine()), HasSubstr("'0' is no port"));
  EXPECT_THAT(refusal(*any(), args({{"user", "nobody-here"}}), machine()), HasSubstr("there is no user"));
  EXPECT_THAT(refusal(*any(), args({{"command", "notebook"}}), machine()),
              HasSubstr("there is no notebook in '/ml/env'"));
}

TEST(AListeningPort, IsReadFromTheKernelsTable) {
  const std::string table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n"
      "   1: 0100007F:22B9 0100007F:22BA 01 00000000:00000000 00:00000000 00000000  1000        0 1 1\n";
  EXPECT_TRUE(is_listening(table, 8888));
  EXPECT_FALSE(is_listening(table, 8889));
  EXPECT_FALSE(is_listening(table, 8890));
}

}  // namespace
}  // namespace agent::jupyter_server
