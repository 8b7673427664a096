#include "docker_compose.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::docker_compose {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Args args(Map more = {}) {
  Map map{{"project", "/srv/lab"}};
  map.merge(more);
  return arguments().spec().check(map);
}

// As the engine keeps it, of a container that Compose 2 made; shortened to what is read.
std::string container(const std::string& service, const std::string& hash, bool running) {
  return R"({"State":{"Running":)" + std::string(running ? "true" : "false") +
         R"(,"Paused":false},"ID":"6f1c","Config":{"Hostname":"6f1c","Labels":{"com.docker.compose.config-hash":")" +
         hash +
         R"(","com.docker.compose.oneoff":"False","com.docker.compose.project":"lab","com.docker.compose.service":")" +
         service + "\"}}}";
}

FakeHost machine() {
  FakeHost host;
  host.with_file("/usr/libexec/docker/cli-plugins/docker-compose", "", 0755)
      .with_file("/srv/lab/compose.yaml", "services: {}\n");
  return host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv.front() != "docker") return std::nullopt;
    const bool asks = argv.at(argv.size() - 2) == "--hash";
    return Output{.out = asks ? "web aaaa\ndb bbbb\n" : ""};
  });
}

TEST(AComposeProject, IsStartedWhereItsContainersAreMissing) {
  FakeHost host = machine();
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"lab service web", std::nullopt, "running"},
                                                    Change{"lab service db", std::nullopt, "running"}));
  EXPECT_THAT(std::get<Exec>(plan.steps[0].actions[0]).argv,
              ElementsAre("docker", "compose", "--project-directory", "/srv/lab", "-p", "lab", "-f",
                          "/srv/lab/compose.yaml", "up", "-d"));
}

TEST(AComposeProject, IsLeftAloneWhereItRunsAsItShould) {
  FakeHost host = machine();
  host.with_file("/var/lib/docker/containers/1/config.v2.json", container("web", "aaaa", true))
      .with_file("/var/lib/docker/containers/2/config.v2.json", container("db", "bbbb", true));
  EXPECT_THAT(expect_laws(*any(), args(), host).steps, IsEmpty());
}

TEST(AComposeProject, SaysWhichServiceIsNotAsItShould) {
  FakeHost host = machine();
  host.with_file("/etc/docker/daemon.json", R"({"data-root": "/data/docker"})")
      .with_file("/data/docker/containers/1/config.v2.json", container("web", "cccc", true))
      .with_file("/data/docker/containers/2/config.v2.json", container("db", "bbbb", false));
  EXPECT_THAT(any()->check(args(), host).steps.at(0).changes,
              ElementsAre(Change{"lab service web", "of another configuration", "running"},
                          Change{"lab service db", "stopped", "running"}));
}

TEST(AComposeProject, IsWrittenWithItsVariablesAndItsGpus) {
  FakeHost host = machine();
  host.perform(RemovePath{"/srv/lab"});
  const Args wanted = args({{"content", "services:\n  web: {image: x}\n"},
                            {"env", Map{{"TOKEN", "it's $5"}, {"PORT", "8888"}}},
                            {"gpus", Map{{"web", "all"}, {"db", List{"0", "2"}}}}});
  const Plan plan = any()->check(wanted, host);
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions) host.perform(action);
  EXPECT_EQ(host.content("/srv/lab/.env"), "PORT=8888\nTOKEN=\"it's \\$5\"\n");
  EXPECT_EQ(host.stat("/srv/lab/.env")->mode, 0600u);
  EXPECT_THAT(host.content("/srv/lab/compose.agent-gpus.yaml"), HasSubstr("\"capabilities\""));
  const Exec& exec = std::get<Exec>(plan.steps.back().actions.back());
  EXPECT_EQ(exec.argv.at(exec.argv.size() - 3), "/srv/lab/compose.agent-gpus.yaml");
  for (const auto& step : plan.steps)
    for (const auto& change : step.changes) EXPECT_TRUE(change.secret || change.subject != "/srv/lab/.env");
}

TEST(AComposeProject, GoesDownAndStops) {
  FakeHost host = machine();
  host.with_file("/var/lib/docker/containers/1/config.v2.json", container("web", "aaaa", true));
  const Plan stop = any()->check(args({{"state", "stopped"}}), host);
  EXPECT_EQ(std::get<Exec>(stop.steps.at(0).actions.at(0)).argv.back(), "stop");
  const Plan down = expect_laws(*any(), args({{"state", "absent"}, {"remove_volumes", true}}), host);
  EXPECT_EQ(std::get<Exec>(down.steps.at(0).actions.at(0)).argv.back(), "--volumes");
  EXPECT_THAT(any()->check(args({{"state", "absent"}}), host).steps, IsEmpty());
}

TEST(AComposeProject, OfAnOldComposeIsStartedWithThat) {
  FakeHost host;
  host.with_environment("PATH", "/usr/bin")
      .with_file("/usr/bin/docker-compose", "", 0755)
      .with_file("/srv/lab/docker-compose.yml", "services: {}\n")
      .answers_with([](FakeHost&, const Strings& argv) {
        return argv.front() == "docker-compose" ? std::optional(Output{.out = "web aaaa\n"}) : std::nullopt;
      });
  EXPECT_EQ(std::get<Exec>(any()->check(args(), host).steps.at(0).actions.at(0)).argv.front(), "docker-compose");
}

TEST(AComposeProject, IsUnknownToACheckWhereComposeAsksTheEngineForIt) {
  for (const char* said : {"PermissionError: [Errno 13] Permission denied",
                           "ERROR: Couldn't connect to Docker daemon at http+docker://localhost - is it running?"}) {
    FakeHost host = machine();
    host.with_environment("AGENT_WALL", "full").answers_with([&](FakeHost&, const Strings&) {
      return Output{.rc = 1, .err = said};
    });
    EXPECT_THROW(any()->check(args(), host), Unknown) << said;
  }
}

TEST(AComposeProjectWithAMistake, IsRefused) {
  EXPECT_THAT(refusal(*any(), args({{"gpus", Map{{"web", "some"}}}}), machine()),
              HasSubstr("all, a number, or a list of ids"));
  EXPECT_THAT(refusal(*any(), args(), FakeHost()), HasSubstr("there is no docker compose on this machine"));
  EXPECT_THAT(refusal(*any(), args({{"project", "/srv/none"}}), machine()),
              HasSubstr("there is no compose.yaml in '/srv/none'"));
  FakeHost other = machine();
  other.with_user(test::alice()).as(test::alice());
  EXPECT_THAT(refusal(*any(), args(), other), HasSubstr("hint: become: true"));
}

TEST(AProjectsName, IsMadeOfItsDirectoryAsComposeDoes) {
  EXPECT_EQ(project_name("My Lab.2"), "mylab2");
  EXPECT_EQ(project_name("_a-b_c"), "a-b_c");
}

}  // namespace
}  // namespace agent::docker_compose
