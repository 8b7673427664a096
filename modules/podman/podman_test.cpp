#include "podman.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::podman {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Args args(Map map = {}) {
  return arguments().spec().check(map);
}

FakeHost with_podman() {
  FakeHost host;
  for (const char* name : {"podman", "uidmap", "slirp4netns"}) host.package_db().installed(name, "4.3.1");
  host.package_db().refreshed_at(1700000000);
  host.with_directory("/run/systemd/system").with_user(test::alice());
  return host;
}

TEST(Podman, ThatIsThereIsLeftAlone) {
  FakeHost host = with_podman();
  EXPECT_THAT(expect_laws(*any(), args(), host).steps, IsEmpty());
}

TEST(Podman, LooksForShortNamesWhereItIsTold) {
  FakeHost host = with_podman();
  expect_laws(*any(), args({{"registries", List{"docker.io", "quay.io"}}}), host);
  EXPECT_THAT(host.content("/etc/containers/registries.conf.d/10-agent.conf"),
              HasSubstr("unqualified-search-registries = [\"docker.io\", \"quay.io\"]"));
  EXPECT_THAT(refusal(*any(), args({{"registries", List{"https://docker.io/"}}}), host), HasSubstr("is no registry"));
}

TEST(AUserWithoutRoot, GetsARangeOfIdsBehindTheOthers) {
  FakeHost host = with_podman();
  host.with_file("/etc/subuid", "bob:100000:65536\n")
      .with_file("/etc/subgid", "bob:100000:65536\nalice:300000:65536\n");
  expect_laws(*any(), args({{"users", List{"alice"}}}), host);
  EXPECT_EQ(host.content("/etc/subuid"), "bob:100000:65536\nalice:165536:65536\n");
  EXPECT_EQ(host.content("/etc/subgid"), "bob:100000:65536\nalice:300000:65536\n");
  EXPECT_EQ(with_range("", "alice"), "alice:100000:65536\n");
}

TEST(PodmansSocket, IsEnabledAndStarted) {
  FakeHost host = with_podman();
  expect_laws(*any(), args({{"socket", true}}), host);
  EXPECT_TRUE(host.stat("/etc/systemd/system/sockets.target.wants/podman.socket"));
}

TEST(Podman, DoesNotTakeTheCommandOfDocker) {
  FakeHost host = with_podman();
  host.package_db().installed("docker.io", "20.10");
  EXPECT_THAT(refusal(*any(), args({{"docker", true}}), host), HasSubstr("exclude each other"));
}

TEST(Podman, Goes) {
  FakeHost host = with_podman();
  host.with_file("/etc/containers/registries.conf.d/10-agent.conf", "")
      .answers_with([](FakeHost&, const Strings& argv) {
        return argv.front() == "apt-get" ? std::optional(Output{}) : std::nullopt;
      });
  expect_laws(*any(), args({{"state", "absent"}}), host);
  EXPECT_EQ(host.package_db().find("podman").at(0).state, Package::State::config_files);
}

}  // namespace
}  // namespace agent::podman
