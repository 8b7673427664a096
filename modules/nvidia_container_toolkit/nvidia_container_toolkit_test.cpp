#include "nvidia_container_toolkit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::nvidia_container_toolkit {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Args args(Map map = {}) {
  return arguments().spec().check(map);
}

constexpr const char* fingerprint = "C95B321B61E88C1809C4F759DDCAE044F796ECB0";

/// A machine that has the packages and knows the repository: its key is not of the test's making, so its place is all
/// that is looked at.
FakeHost with_packages(FakeHost host = FakeHost()) {
  for (const char* name : {"nvidia-container-toolkit", "nvidia-container-toolkit-base", "libnvidia-container-tools",
                           "libnvidia-container1"})
    host.package_db().installed(name, "1.17.8-1");
  host.package_db().refreshed_at(1700000000);
  for (const char* folder : {"/run/systemd/system", "/etc/docker", "/usr/share/keyrings", "/etc/apt/sources.list.d"})
    host.with_directory(folder);
  return host;
}

/// The plan without what makes the repository known.
std::vector<Step> after_repository(const Plan& plan) {
  std::vector<Step> steps;
  for (const auto& step : plan.steps) {
    const std::string& subject = step.changes.front().subject;
    const bool is_repository =
        subject.find("keyring") != std::string::npos || subject.find("sources.list.d") != std::string::npos;
    if (!is_repository) steps.push_back(step);
  }
  return steps;
}

TEST(TheToolkit, ComesFromNvidiasRepositoryWithoutTheEntriesOfOlderGuides) {
  FakeHost host = with_packages();
  host.with_file("/etc/apt/sources.list.d/nvidia-docker.list",
                 "deb https://nvidia.github.io/nvidia-docker/debian11 /\n");
  const Plan plan = Toolkit().check(args(), host);
  EXPECT_EQ(plan.steps.at(0).changes.at(0).subject, "/etc/apt/sources.list.d/nvidia-docker.list");
  bool has_key = false, has_line = false;
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions) {
      if (const auto* exec = std::get_if<Exec>(&action); exec && exec->title.find(fingerprint) != std::string::npos)
        has_key = true;
      if (const auto* write = std::get_if<WriteFile>(&action);
          write && write->path.filename() == "nvidia-container-toolkit.list")
        has_line = write->content.find("https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /") !=
                   std::string::npos;
    }
  EXPECT_TRUE(has_key);
  EXPECT_TRUE(has_line);
}

TEST(Docker, IsToldOfTheRuntimeOnceAndKeepsItsOtherSettings) {
  FakeHost host = with_packages();
  host.with_file("/etc/docker/daemon.json", R"({"data-root": "/data"})");
  const auto steps = after_repository(Toolkit().check(args(), host));
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_THAT(steps[0].changes, ElementsAre(Change{"docker runtime nvidia", std::nullopt, "nvidia-container-runtime"}));
  const Exec& exec = std::get<Exec>(steps[0].actions[0]);
  EXPECT_THAT(exec.argv, ElementsAre("nvidia-ctk", "runtime", "configure", "--runtime=docker"));
  EXPECT_THAT(exec.effects.files.at(0).second, HasSubstr("\"data-root\": \"/data\""));
  host.perform(exec);
  EXPECT_THAT(after_repository(Toolkit().check(args(), host)), IsEmpty());
  const auto as_default = after_repository(Toolkit().check(args({{"default_runtime", true}}), host));
  EXPECT_THAT(as_default.at(0).changes, ElementsAre(Change{"docker default runtime", "runc", "nvidia"}));
}

TEST(Docker, IsRestartedWhereItRuns) {
  FakeHost host = with_packages();
  host.with_file("/sys/fs/cgroup/system.slice/docker.service/cgroup.procs", "812\n");
  const auto steps = after_repository(Toolkit().check(args(), host));
  EXPECT_THAT(std::get<Exec>(steps.at(0).actions.back()).argv, ElementsAre("systemctl", "restart", "docker.service"));
}

TEST(Containerd, GetsADropInUnlessItKnowsTheRuntime) {
  FakeHost host = with_packages();
  const Args wanted = args({{"runtimes", List{"containerd"}}});
  EXPECT_EQ(after_repository(Toolkit().check(wanted, host)).size(), 1u);
  host.with_file("/etc/containerd/config.toml", "BinaryName = \"/usr/bin/nvidia-container-runtime\"\n");
  EXPECT_THAT(after_repository(Toolkit().check(wanted, host)), IsEmpty());
}

TEST(Podman, GetsASpecificationOfTheDevicesWhereADriverIsLoaded) {
  const Args wanted = args({{"runtimes", List{"podman"}}});
  FakeHost host = with_packages(test::machine_with_gpu("550.54.15"));
  const auto steps = after_repository(Toolkit().check(wanted, host));
  EXPECT_THAT(std::get<Exec>(steps.at(0).actions.at(0)).argv,
              ElementsAre("nvidia-ctk", "cdi", "generate", "--output=/etc/cdi/nvidia.yaml"));
  host.with_file("/var/run/cdi/nvidia.yaml", "cdiVersion: 0.5.0\n");
  EXPECT_THAT(after_repository(Toolkit().check(wanted, host)), IsEmpty());
}

TEST(Podman, WaitsForTheDriver) {
  EXPECT_THAT(Toolkit().check(args({{"runtimes", List{"podman"}}}), with_packages()).notes,
              ElementsAre(HasSubstr("no NVIDIA driver is loaded")));
  EXPECT_THAT(refusal(Toolkit(), args({{"cdi", true}}), with_packages()), HasSubstr("no NVIDIA driver is loaded"));
}

TEST(TheToolkit, GoesWithWhatItToldTheRuntimes) {
  FakeHost host = with_packages();
  host.with_file("/etc/docker/daemon.json",
                 R"({"default-runtime": "nvidia", "data-root": "/data", "runtimes": {"nvidia": {"path": "x"}}})")
      .with_file("/etc/cdi/nvidia.yaml", "")
      .answers_with([](FakeHost&, const Strings& argv) {
        return argv.front() == "apt-get" ? std::optional(Output{}) : std::nullopt;
      });
  expect_laws(Toolkit(), args({{"state", "absent"}}), host);
  EXPECT_THAT(host.content("/etc/docker/daemon.json"), Not(HasSubstr("nvidia")));
  EXPECT_THAT(host.content("/etc/docker/daemon.json"), HasSubstr("/data"));
  EXPECT_EQ(host.package_db().find("libnvidia-container1").at(0).state, Package::State::config_files);
}

TEST(ARuntimeThatNobodyKnows, IsRefused) {
  EXPECT_THAT(refusal(Toolkit(), args({{"runtimes", List{"dokcer"}}}), FakeHost()),
              HasSubstr("'dokcer' is no runtime"));
}

}  // namespace
}  // namespace agent::nvidia_container_toolkit
