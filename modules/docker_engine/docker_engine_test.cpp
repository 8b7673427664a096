#include "docker_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::docker_engine {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Args args(Map map = {}) {
  return arguments().spec().check(map);
}

FakeHost machine(System system = test::debian()) {
  FakeHost host(std::move(system));
  for (const char* folder : {"/run/systemd/system", "/etc/pki/rpm-gpg", "/etc/apt/keyrings", "/etc/apt/sources.list.d"})
    host.with_directory(folder);
  host.package_db().refreshed_at(1700000000).offers("moby-engine", {"27.3.1-1"}).offers("docker-compose", {"2.29.6-1"});
  return host;
}

/// No package manager to ask: what it would say is not known, as behind a repository that is only promised.
FakeHost& silent(FakeHost& host) {
  return host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    const bool asks = argv.front() == "apt-get" || argv.front() == "dnf" || argv.front() == "dnf5";
    return asks ? std::optional(Output{.unknown = {"a repository is only promised"}}) : std::nullopt;
  });
}

const InstallPackages& installation(const Plan& plan) {
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions)
      if (const auto* install = std::get_if<InstallPackages>(&action)) return *install;
  throw Error("nothing is installed");
}

TEST(DockersOwnEngine, ComesFromItsRepositoryAfterTheDistributionsIsGone) {
  FakeHost host = machine(test::ubuntu());
  silent(host).package_db().installed("docker.io", "24.0.7-0ubuntu4");
  const Plan plan = variant<DebianDockerEngine>()->check(args(), host);
  EXPECT_THAT(installation(plan).requests, ElementsAre("docker-ce", "docker-ce-cli", "containerd.io",
                                                       "docker-buildx-plugin", "docker-compose-plugin"));
  EXPECT_EQ(plan.steps.front().changes.front(), (Change{"package docker.io", "24.0.7-0ubuntu4", std::nullopt}));
  bool named = false;
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions)
      if (const auto* write = std::get_if<WriteFile>(&action);
          write && write->path == "/etc/apt/sources.list.d/docker.list")
        named =
            write->content == "deb [signed-by=/etc/apt/keyrings/docker.gpg] https://download.docker.com/linux/ubuntu " +
                                  host.system().codename + " stable\n";
  EXPECT_TRUE(named);
}

TEST(DockersOwnEngine, IsPinnedToAVersion) {
  FakeHost host = machine();
  const Plan plan =
      variant<DebianDockerEngine>()->check(args({{"version", "5:27.3.1*"}, {"compose", false}}), silent(host));
  EXPECT_THAT(installation(plan).requests,
              ElementsAre("docker-ce=5:27.3.1*", "docker-ce-cli=5:27.3.1*", "containerd.io", "docker-buildx-plugin"));
}

TEST(DockersOwnEngine, IsPinnedOnFedoraBeforeItsRepositoryIsThere) {
  FakeHost host = machine(test::fedora());
  const Plan plan =
      variant<FedoraDockerEngine>()->check(args({{"version", "27.3.1"}, {"compose", false}}), silent(host));
  EXPECT_THAT(installation(plan).requests,
              ElementsAre("docker-ce-27.3.1", "docker-ce-cli-27.3.1", "containerd.io", "docker-buildx-plugin"));
}

TEST(DockersOwnEngine, ComesFromItsRepositoryOnFedora) {
  FakeHost host = machine(test::fedora());
  const Plan plan = variant<FedoraDockerEngine>()->check(args({{"base_url", "http://mirror/linux"}}), silent(host));
  EXPECT_THAT(plan.steps.front().changes.front().after, "key 060A61C51B558A7F742B77AAC52FEB6B621E9F35");
  EXPECT_THAT(installation(plan).requests, Contains("docker-ce"));
}

struct Own {
  System system;
  Strings packages;
};
class TheDistributionsEngine : public ::testing::TestWithParam<Own> {};

System release(System system, const std::string& version) {
  system.version = version;
  return system;
}

TEST_P(TheDistributionsEngine, HasThePackagesOfItsRelease) {
  FakeHost host = machine(GetParam().system);
  const bool is_fedora = host.system().id == "fedora";
  const auto module = is_fedora ? variant<FedoraDockerEngine>() : variant<DebianDockerEngine>();
  EXPECT_EQ(installation(module->check(args({{"source", "distribution"}}), silent(host))).requests,
            GetParam().packages);
}

INSTANTIATE_TEST_SUITE_P(Table, TheDistributionsEngine,
                         ::testing::Values(Own{release(test::ubuntu(), "20.04"), {"docker.io", "docker-compose"}},
                                           Own{release(test::ubuntu(), "22.04"), {"docker.io", "docker-compose-v2"}},
                                           Own{release(test::ubuntu(), "24.04"), {"docker.io", "docker-compose-v2"}},
                                           Own{release(test::debian(), "12"), {"docker.io", "docker-compose"}},
                                           Own{release(test::debian(), "13"),
                                               {"docker.io", "docker-cli", "docker-compose"}},
                                           Own{release(test::fedora(), "40"), {"moby-engine", "docker-compose"}},
                                           Own{release(test::fedora(), "42"), {"moby-engine", "docker-compose"}}));

FakeHost with_engine() {
  FakeHost host = machine();
  host.package_db().installed("docker.io", "20.10.24").installed("docker-compose", "1.29.2");
  host.with_file("/etc/systemd/system/multi-user.target.wants/docker.service", "")
      .with_file("/sys/fs/cgroup/system.slice/docker.service/cgroup.procs", "812\n");
  return host;
}

TEST(AnEngineThatRuns, IsLeftAlone) {
  FakeHost host = with_engine();
  EXPECT_THAT(expect_laws(*variant<DebianDockerEngine>(), args({{"source", "distribution"}}), host).steps, IsEmpty());
}

TEST(AnEngineThatRuns, IsRestartedWhenItsSettingsChangeAndKeepsTheOthers) {
  FakeHost host = with_engine();
  host.with_file("/etc/docker/daemon.json", R"({"runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}})");
  const Plan plan =
      expect_laws(*variant<DebianDockerEngine>(),
                  args({{"source", "distribution"}, {"daemon", Map{{"data-root", "/data/docker"}}}}), host);
  EXPECT_THAT(host.content("/etc/docker/daemon.json"), HasSubstr("nvidia-container-runtime"));
  EXPECT_EQ(plan.steps.back().changes.back(), (Change{"service docker.service", "running", "restarted"}));
}

TEST(AUser, BecomesAMemberOfTheGroupOnce) {
  FakeHost host = with_engine();
  host.with_user(test::alice()).with_group({.name = "docker", .gid = 998, .members = {}});
  const Args wanted = args({{"source", "distribution"}, {"users", List{"alice"}}});
  const Plan plan = variant<DebianDockerEngine>()->check(wanted, host);
  EXPECT_EQ(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv,
            (Strings{"usermod", "--append", "--groups", "docker", "--", "alice"}));
  FakeHost member = with_engine();
  member.with_user(test::alice()).with_group({.name = "docker", .gid = 998, .members = {"alice"}});
  EXPECT_THAT(variant<DebianDockerEngine>()->check(wanted, member).steps, IsEmpty());
  EXPECT_THAT(refusal(*variant<DebianDockerEngine>(), wanted, with_engine()), HasSubstr("there is no user 'alice'"));
}

TEST(AnEngineWithAMistake, IsRefused) {
  EXPECT_THAT(refusal(*variant<DebianDockerEngine>(), args({{"source", "distribution"}, {"version", "1"}}), machine()),
              HasSubstr("'version' is about Docker's own packages"));
}

}  // namespace
}  // namespace agent::docker_engine
