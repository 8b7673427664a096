#include "cuda.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>
#include <tests/support/simulated_packages.hpp>

namespace agent::cuda {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// `update-alternatives` as far as the module looks at it.
std::optional<Output> alternatives(FakeHost& host, const Strings& argv) {
  if (argv.at(0) != "update-alternatives") return std::nullopt;
  const Path record =
      host.packages().manager() == "apt" ? "/var/lib/dpkg/alternatives/cuda" : "/var/lib/alternatives/cuda";
  const std::string home = argv.at(1) == "--set" ? argv.at(3) : argv.at(4);
  host.with_link("/usr/local/cuda", "/etc/alternatives/cuda").with_link("/etc/alternatives/cuda", home);
  host.with_file(record,
                 std::string(argv[1] == "--set" ? "manual" : "auto") + "\n/usr/local/cuda\n\n" + home + "\n124\n\n");
  return Output{};
}

FakeHost machine(const std::string& id, const std::string& version, const Strings& toolkits) {
  System system = id == "ubuntu" ? test::ubuntu() : id == "debian" ? test::debian() : test::fedora();
  system.id = id;
  system.version = version;
  system.name = id + " " + version;
  if (id == "rocky") system.like = {"rhel", "centos", "fedora"};
  FakeHost host(system);
  test::simulate_packages(host);
  host.answers_with(alternatives);
  host.with_directory("/usr/local").with_directory("/etc/profile.d").with_directory("/etc/alternatives");
  host.with_file("/etc/dnf/plugins/versionlock.conf", "");
  host.package_db().refreshed_at(1.7e9);
  for (const std::string& release : toolkits) {
    const Version of = version_from(release);
    for (const char* stem : {"cuda-toolkit-", "cuda-libraries-"})
      host.package_db().offers(stem + of.dashed(), {release + "-1"},
                               id == "fedora" || id == "rocky" ? "x86_64" : "amd64");
  }
  return host;
}

const Cuda module;

Args args(const Map& given) {
  return arguments().spec().check(given);
}

Error error_of(const Map& given, const Host& host) {
  try {
    module.check(args(given), host);
  } catch (const Error& error) {
    return error;
  }
  return Error("no error");
}

struct Case {
  const char *id, *version;
  Strings offered;
  const char* wanted;
};
const Case cases[] = {
    {"ubuntu", "20.04", {"11.0.3", "12.9.1"}, "11.0.3"},
    {"ubuntu", "22.04", {"12.4.1", "12.6.3"}, "12.4"},
    {"ubuntu", "24.04", {"12.6.3", "13.0.2"}, "12.6"},
    {"ubuntu", "26.04", {"13.3.1"}, "13.3"},
    {"debian", "11", {"11.8.0"}, "11.8"},
    {"debian", "12", {"12.4.1"}, "12.4.1"},
    {"debian", "13", {"13.0.2"}, "13.0"},
    {"fedora", "41", {"12.8.1", "12.9.1"}, "12.8.1"},
    {"fedora", "42", {"13.0.2"}, "13.0"},
    {"fedora", "43", {"13.2.0"}, "13.2"},
    {"fedora", "44", {"13.3.1"}, "13.3"},
    {"rocky", "9.4", {"12.4.1"}, "12.4"},
};

TEST(Cuda, KeepsTheLawsOnEachRelease) {
  for (const Case& one : cases) {
    SCOPED_TRACE(std::string(one.id) + " " + one.version);
    FakeHost host = machine(one.id, one.version, one.offered);
    const Version version = version_from(one.wanted);
    expect_laws(module, args({{"version", one.wanted}}), host);
    const auto package = installed_package(host.packages(), "cuda-toolkit-" + version.dashed());
    ASSERT_TRUE(package);
    EXPECT_TRUE(package->held);
    EXPECT_EQ(present_default(host), version.home().string());
    EXPECT_THAT(host.content("/etc/profile.d/cuda.sh"), HasSubstr(version.home().string() + "/bin"));
    expect_laws(module, args({{"version", one.wanted}, {"state", "absent"}}), host);
    EXPECT_FALSE(installed_package(host.packages(), "cuda-toolkit-" + version.dashed()));
    EXPECT_FALSE(host.stat("/etc/profile.d/cuda.sh"));
  }
}

TEST(Cuda, AsksOnlyForPackagesWithTheSeriesInTheirName) {
  for (const char* kind : {"toolkit", "runtime"})
    for (const std::string& name : package_names(version_from("12.4"), kind))
      EXPECT_THAT(name, testing::EndsWith("-12-4"));
  EXPECT_THAT(package_names(version_from("12.4"), "runtime"), ElementsAre("cuda-libraries-12-4"))
      << "cuda-runtime-12-4 would bring a driver";
}

TEST(Cuda, TakesAnyReleaseOfASeriesThatIsThere) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  host.package_db().installed("cuda-toolkit-12-4", "12.4.0-1");
  const Plan plan = module.check(args({{"version", "12.4"}, {"hold", false}, {"default", false}}), host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.result.find("version")->string(), "12.4.0");
}

TEST(Cuda, BringsTheReleaseThatIsNamedEvenWhenAnotherIsHeld) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  host.package_db().record({.name = "cuda-toolkit-12-4", .version = "12.4.0-1", .architecture = "amd64", .held = true});
  const Plan plan = expect_laws(module, args({{"version", "12.4.1"}, {"default", false}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, Contains(Change{"package cuda-toolkit-12-4", "12.4.0-1", "12.4.1-1"}));
  EXPECT_TRUE(installed_package(host.packages(), "cuda-toolkit-12-4")->held);
}

TEST(Cuda, GoesBackOnlyWhenAllowed) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.0"});
  host.package_db().installed("cuda-toolkit-12-4", "12.4.1-1");
  EXPECT_THAT(error_of({{"version", "12.4.0"}}, host).message(), HasSubstr("is older"));
  expect_laws(module, args({{"version", "12.4.0"}, {"allow_downgrade", true}}), host);
}

TEST(Cuda, LeavesTheDefaultToAnotherSeries) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1", "12.6.3"});
  expect_laws(module, args({{"version", "12.6"}}), host);
  expect_laws(module, args({{"version", "12.4"}, {"default", false}}), host);
  EXPECT_EQ(present_default(host), "/usr/local/cuda-12.6");
  EXPECT_THAT(host.content("/etc/profile.d/cuda.sh"), HasSubstr("cuda-12.6"));
  EXPECT_THAT(module.check(args({{"version", "12.6"}}), host).steps, IsEmpty());
}

TEST(Cuda, LetsTheFirstSeriesBeTheDefaultAndStayIt) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1", "12.6.3"});
  expect_laws(module, args({{"version", "12.4"}}), host);
  const Plan plan = expect_laws(module, args({{"version", "12.6"}}), host);
  EXPECT_THAT(plan.notes, Contains(HasSubstr("means /usr/local/cuda-12.4, as it was chosen")));
  EXPECT_EQ(present_default(host), "/usr/local/cuda-12.4");
  EXPECT_THAT(host.content("/etc/profile.d/cuda.sh"), HasSubstr("cuda-12.4"));
  expect_laws(module, args({{"version", "12.6"}, {"default", true}}), host);
  EXPECT_EQ(present_default(host), "/usr/local/cuda-12.6");
  EXPECT_THAT(module.check(args({{"version", "12.4"}}), host).steps, IsEmpty());
}

TEST(Cuda, MakesTheDefaultOneThatANewerDoesNotTakeOver) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  expect_laws(module, args({{"version", "12.4"}}), host);
  host.with_file("/var/lib/dpkg/alternatives/cuda", "auto\n/usr/local/cuda\n\n/usr/local/cuda-12.4\n124\n\n");
  const Plan plan = module.check(args({{"version", "12.4"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{"/usr/local/cuda", "/usr/local/cuda-12.4, or the newest", "/usr/local/cuda-12.4"}));
}

TEST(Cuda, RefusesADirectoryInThePlaceOfTheLink) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  host.with_directory("/usr/local/cuda");
  EXPECT_EQ(error_of({{"version", "12.4"}}, host).argument(), "default");
  EXPECT_EQ(error_of({{"version", "12.4"}, {"default", false}}, host).message(), "no error");
}

TEST(Cuda, RefusesVersionsThatThereAreNot) {
  const FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  for (const char* text : {"12", "latest", "12.x", "12.4.1.2", "", "-12.4"})
    EXPECT_THAT(error_of({{"version", text}}, host).message(), HasSubstr("is no version of CUDA")) << text;
  EXPECT_EQ(error_of({{"version", "12.7"}}, host).message(), "there is no CUDA 12.7");
  EXPECT_THAT(error_of({{"version", "12.7"}}, host).hints(), ElementsAre("the nearest: 12.6, 12.8"));
  EXPECT_THAT(error_of({{"version", "0.9"}}, host).hints(), SizeIs(1)) << "one that is older than all";
  EXPECT_EQ(error_of({{"version", "10.9"}}, host).message(), "there is no CUDA 10.9");
  const Error release = error_of({{"version", "12.4.9"}}, host);
  EXPECT_EQ(release.message(), "CUDA 12.4.9 is not offered here");
  EXPECT_THAT(release.hints(), Contains("of its series there is: 12.4.1"));
}

TEST(Cuda, NamesWhatTheReleaseHasAndWhereTheSeriesIs) {
  const FakeHost host = machine("ubuntu", "24.04", {"12.6.3", "13.0.2"});
  const Error error = error_of({{"version", "12.4"}}, host);
  EXPECT_EQ(error.message(), "CUDA 12.4 is not in the repositories of this machine");
  EXPECT_THAT(error.hints(), Contains("they have: 12.6, 13.0"));
  EXPECT_THAT(error.hints(), Contains(HasSubstr("ubuntu2204")));
  const FakeHost bare = machine("ubuntu", "22.04", {});
  EXPECT_THAT(error_of({{"version", "12.4"}}, bare).hints(), Contains(HasSubstr("the module cuda_repo")));
  const FakeHost fresh = machine("fedora", "43", {});
  EXPECT_THAT(error_of({{"version", "12.4"}}, fresh).hints(), Contains(HasSubstr("begins with 13.2")));
  const FakeHost none = machine("fedora", "40", {});
  EXPECT_THAT(error_of({{"version", "12.4"}}, none).hints(), Contains(HasSubstr("has no toolkit")));
}

TEST(Cuda, RemovesOnlyItsOwnSeries) {
  FakeHost host = machine("ubuntu", "22.04", {});
  for (const char* name : {"cuda-toolkit-12-4", "cuda-nvcc-12-4", "libcublas-12-4", "cuda-toolkit-12-4-config-common",
                           "cuda-toolkit-12-6", "libcudnn9-cuda-12", "llvm-12-4"})
    host.package_db().installed(name, "1");
  EXPECT_THAT(
      packages_of_series(version_from("12.4"), host.packages()),
      UnorderedElementsAre("cuda-toolkit-12-4", "cuda-nvcc-12-4", "libcublas-12-4", "cuda-toolkit-12-4-config-common"));
}

TEST(Cuda, NeedsThePluginThatLocksOnAnOldDnf) {
  FakeHost host = machine("rocky", "9.4", {"12.4.1"});
  host.perform(RemovePath{"/etc/dnf/plugins/versionlock.conf"});
  EXPECT_EQ(error_of({{"version", "12.4"}}, host).argument(), "hold");
  EXPECT_EQ(error_of({{"version", "12.4"}, {"hold", false}}, host).message(), "no error");
}

TEST(Cuda, RepairsFirstWhatWasInterrupted) {
  FakeHost host = machine("ubuntu", "22.04", {"12.4.1"});
  host.package_db().record({.name = "cuda-nvcc-12-4",
                            .version = "12.4.1-1",
                            .architecture = "amd64",
                            .state = Package::State::half_configured});
  const Plan plan = expect_laws(module, args({{"version", "12.4"}}), host);
  EXPECT_TRUE(std::holds_alternative<RepairPackages>(plan.steps.at(0).actions.at(0)));
}

}  // namespace
}  // namespace agent::cuda
