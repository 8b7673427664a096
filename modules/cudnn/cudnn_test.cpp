#include "cudnn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>
#include <tests/support/simulated_packages.hpp>

namespace agent::cudnn {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FakeHost machine(const std::string& id, const std::string& version) {
  System system = id == "ubuntu" ? test::ubuntu() : id == "debian" ? test::debian() : test::fedora();
  system.id = id;
  system.version = version;
  if (id == "rocky") system.like = {"rhel", "centos", "fedora"};
  FakeHost host(system);
  test::simulate_packages(host);
  host.with_file("/etc/dnf/plugins/versionlock.conf", "");
  host.package_db().refreshed_at(1.7e9);
  return host;
}
void offer(FakeHost& host, const Strings& names, const Strings& versions) {
  for (const std::string& name : names) host.package_db().offers(name, versions);
}

const Cudnn module;

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
std::string version_of(const FakeHost& host, const std::string& name) {
  const auto package = installed_package(host.packages(), name);
  return package ? package->version + (package->held ? " held" : "") : "absent";
}

TEST(Cudnn, TakesVersion8InTheBuildForTheCudaThatIsNamed) {
  FakeHost host = machine("ubuntu", "20.04");
  offer(host, {"libcudnn8", "libcudnn8-dev"},
        {"8.9.7.29-1+cuda12.2", "8.9.7.29-1+cuda11.8", "8.0.5.39-1+cuda11.1", "8.0.5.39-1+cuda11.0"});
  expect_laws(module, args({{"version", "8.0.5.39"}, {"cuda", "11.0"}}), host);
  EXPECT_EQ(version_of(host, "libcudnn8"), "8.0.5.39-1+cuda11.0 held");
  EXPECT_EQ(version_of(host, "libcudnn8-dev"), "8.0.5.39-1+cuda11.0 held");
  expect_laws(module, args({{"version", "8"}, {"state", "absent"}}), host);
  EXPECT_EQ(version_of(host, "libcudnn8"), "absent");
}

TEST(Cudnn, TakesTheBuildOfTheSameMajorWhereTheSeriesHasNone) {
  const FakeHost host = machine("ubuntu", "22.04");
  const std::vector<Package> offers = {{.name = "libcudnn8", .version = "8.9.7.29-1+cuda12.2"},
                                       {.name = "libcudnn8", .version = "8.9.7.29-1+cuda11.8"},
                                       {.name = "libcudnn8", .version = "8.9.0.131-1+cuda12.1"}};
  const auto build = [&](const char* version, const char* cuda) {
    const auto found = chosen(wish_from(version, cuda), offers, host.packages());
    return found ? found->package_version : "none";
  };
  EXPECT_EQ(build("8.9", "12.4"), "8.9.7.29-1+cuda12.2");
  EXPECT_EQ(build("8.9", "11.4"), "8.9.7.29-1+cuda11.8");
  EXPECT_EQ(build("8", "11"), "8.9.7.29-1+cuda11.8");
  EXPECT_EQ(build("8.9.0.131", "12.4"), "8.9.0.131-1+cuda12.1");
  EXPECT_EQ(build("8.9.0.131", "11.8"), "none");
}

struct Release {
  const char *id, *version, *devel, *headers, *package_version;
};
constexpr Release releases[] = {
    {"ubuntu", "22.04", "libcudnn9-dev-cuda-12", "libcudnn9-headers-cuda-12", "9.10.2.21-1"},
    {"ubuntu", "24.04", "libcudnn9-dev-cuda-12", "libcudnn9-headers-cuda-12", "9.10.2.21-1"},
    {"debian", "12", "libcudnn9-dev-cuda-12", "libcudnn9-headers-cuda-12", "9.10.2.21-1"},
    {"fedora", "41", "libcudnn9-devel-cuda-12", "", "9.10.2.21-1"},
    {"rocky", "9.4", "libcudnn9-devel-cuda-12", "libcudnn9-headers-cuda-12", "9.10.2.21-1"},
};

TEST(Cudnn, SpellsVersion9AsEachManagerDoesAndKeepsTheLaws) {
  for (const Release& release : releases) {
    SCOPED_TRACE(std::string(release.id) + " " + release.version);
    FakeHost host = machine(release.id, release.version);
    offer(host, {"libcudnn9-cuda-12", release.devel}, {"9.20.0.48-1", "9.10.2.21-1"});
    if (*release.headers) offer(host, {release.headers}, {"9.20.0.48-1", "9.10.2.21-1"});
    expect_laws(module, args({{"version", "9.10.2.21"}, {"cuda", "12.6"}}), host);
    EXPECT_EQ(version_of(host, "libcudnn9-cuda-12"), "9.10.2.21-1 held");
    EXPECT_EQ(version_of(host, release.devel), "9.10.2.21-1 held");
    if (*release.headers) {
      EXPECT_EQ(version_of(host, release.headers), "9.10.2.21-1 held");
    }
    expect_laws(module, args({{"version", "9"}, {"state", "absent"}}), host);
    EXPECT_EQ(version_of(host, release.devel), "absent");
  }
}

TEST(Cudnn, SpellsVersion8OnFedoraWithADot) {
  FakeHost host = machine("rocky", "8.10");
  offer(host, {"libcudnn8", "libcudnn8-devel"}, {"8.9.7.29-1.cuda12.2", "8.9.7.29-1.cuda11.8"});
  expect_laws(module, args({{"version", "8.9.7.29"}, {"cuda", "11.8"}}), host);
  EXPECT_EQ(version_of(host, "libcudnn8-devel"), "8.9.7.29-1.cuda11.8 held");
}

TEST(Cudnn, StaysAtWhatFitsAlready) {
  FakeHost host = machine("ubuntu", "22.04");
  offer(host, {"libcudnn9-cuda-12", "libcudnn9-headers-cuda-12", "libcudnn9-dev-cuda-12"},
        {"9.20.0.48-1", "9.6.0.74-1"});
  expect_laws(module, args({{"version", "9.6"}, {"cuda", "12"}, {"dev", false}}), host);
  const Plan plan = expect_laws(module, args({{"version", "9"}, {"cuda", "12"}}), host);
  EXPECT_EQ(version_of(host, "libcudnn9-dev-cuda-12"), "9.6.0.74-1 held") << "the headers of what is there";
  EXPECT_EQ(plan.result.find("version")->string(), "9.6.0.74");
}

TEST(Cudnn, TakesTheCudaThatIsTheDefault) {
  FakeHost host = machine("ubuntu", "22.04");
  host.with_link("/usr/local/cuda", "/etc/alternatives/cuda")
      .with_link("/etc/alternatives/cuda", "/usr/local/cuda-12.4");
  host.with_directory("/usr/local/cuda-12.4");
  offer(host, {"libcudnn9-cuda-12", "libcudnn9-headers-cuda-12", "libcudnn9-dev-cuda-12"}, {"9.6.0.74-1"});
  EXPECT_THAT(module.check(args({{"version", "9"}}), host).steps, testing::Not(IsEmpty()));
  const FakeHost bare = machine("ubuntu", "22.04");
  EXPECT_EQ(error_of({{"version", "9"}}, bare).argument(), "cuda");
}

TEST(Cudnn, RefusesWhatWasNeverBuilt) {
  const FakeHost host = machine("ubuntu", "22.04");
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"9.10.2.21", "13.0", "begin with 9.12"}, {"8.9.7.29", "13.0", "begin with 9.12"},
      {"8.5.0.96", "12.1", "begin with 8.8"},   {"9.11.0.98", "11.8", "is 9.10.2.21"},
      {"7.6.5.32", "11.0", "begin with 8.0"},   {"9.1.0.70", "10.2", "end with 8.4"},
  };
  for (const auto& [version, cuda, hint] : cases) {
    const Error error = error_of({{"version", version}, {"cuda", cuda}}, host);
    EXPECT_EQ(error.message(), "there is no cuDNN " + std::string(version) + " for CUDA " + cuda);
    EXPECT_THAT(error.hints(), ElementsAre(HasSubstr(hint)));
  }
  for (const char* text : {"latest", "9.", "9.1.2.3.4", "x"})
    EXPECT_EQ(error_of({{"version", text}, {"cuda", "12"}}, host).argument(), "version") << text;
  EXPECT_EQ(error_of({{"version", "9"}, {"cuda", "twelve"}}, host).argument(), "cuda");
  EXPECT_EQ(error_of({{"version", "5.1"}, {"cuda", "8.0"}}, host).argument(), "version");
}

TEST(Cudnn, NamesWhatThereIsInstead) {
  FakeHost host = machine("ubuntu", "22.04");
  offer(host, {"libcudnn8"}, {"8.9.7.29-1+cuda12.2"});
  offer(host, {"libcudnn9-cuda-12"}, {"9.10.2.21-1"});
  const Error error = error_of({{"version", "8.0.5.39"}, {"cuda", "11.0"}}, host);
  EXPECT_EQ(error.message(), "cuDNN 8.0.5.39 for CUDA 11.0 is not in the repositories of this machine");
  EXPECT_THAT(error.hints(), Contains("'libcudnn8' is there as: 8.9.7.29-1+cuda12.2"));
  EXPECT_THAT(error.hints(), Contains("other builds: libcudnn9-cuda-12 9.10.2.21-1"));
}

}  // namespace
}  // namespace agent::cudnn
