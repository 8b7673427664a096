#include "conda.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::conda {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::refusal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Path prefix = "/opt/conda";

Args args(Map more = {}) {
  Map map{{"prefix", prefix.string()}};
  map.merge(more);
  return arguments().spec().check(map);
}

FakeHost with_conda() {
  FakeHost host;
  host.with_file(prefix / "bin/conda", "", 0755)
      .with_file(prefix / "conda-meta/history", "")
      .with_file(prefix / "conda-meta/conda-25.3.1-py312_0.json", "{}")
      .with_file(prefix / ".condarc", "channels:\n  - conda-forge\n");
  return host;
}

FakeHost with_environment() {
  FakeHost host = with_conda();
  const Path meta = prefix / "envs/ml/conda-meta";
  host.with_file(meta / "history", "")
      .with_file(meta / "python-3.11.9-hb806964_0_cpython.json", "{}")
      .with_file(meta / "numpy-1.26.4-py311h64a7726_0.json", "{}")
      .with_file(meta / "numpy-base-1.26.4-py311_0.json", "{}");
  return host;
}

TEST(CondaThatIsMissing, IsInstalledByItsInstallerAfterItsChecksum) {
  FakeHost host;
  const Plan plan = expect_laws(*any(), args(), host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].changes,
            (std::vector<Change>{{"conda in /opt/conda", std::nullopt, "Miniforge3-25.3.1-0-Linux-x86_64.sh"}}));
  const auto& actions = plan.steps[0].actions;
  ASSERT_EQ(actions.size(), 4u);
  EXPECT_THAT(std::get<Exec>(actions[0]).argv,
              ElementsAre("/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=3", "download-file",
                          "https://github.com/conda-forge/miniforge/releases/download/25.3.1-0/"
                          "Miniforge3-25.3.1-0-Linux-x86_64.sh",
                          "/opt/.conda-installer.sh"));
  EXPECT_EQ(std::get<Exec>(actions[1]).input,
            "376b160ed8130820db0ab0f3826ac1fc85923647f75c1b8231166e3d559ab768  /opt/.conda-installer.sh\n");
  EXPECT_THAT(std::get<Exec>(actions[2]).argv, ElementsAre("sh", "/opt/.conda-installer.sh", "-b", "-p", "/opt/conda"));
  EXPECT_EQ(std::get<RemovePath>(actions[3]).path, "/opt/.conda-installer.sh");
}

TEST(CondaOnFedora, IsFetchedWithCurl) {
  FakeHost host(test::fedora());
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_EQ(std::get<Exec>(plan.steps[0].actions[0]).argv.front(), "curl");
}

TEST(CondaOfAnotherVersion, NeedsItsChecksum) {
  EXPECT_THAT(refusal(*any(), args({{"version", "26.3.2-3"}}), FakeHost()),
              HasSubstr("the checksum of 'Miniforge3-26.3.2-3-Linux-x86_64.sh' is not known"));
  EXPECT_THAT(refusal(*any(), args({{"version", "26.3.2-3"}, {"checksum", "sha256:12"}}), FakeHost()),
              HasSubstr("'sha256:12' is no SHA-256"));
}

TEST(CondaThatWasCutOff, IsInstalledAnew) {
  FakeHost host;
  host.with_file(prefix / "pkgs/cache", "").with_file(prefix / "_conda", "");
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_EQ(plan.steps[0].changes[0].before, "an installation that was cut off");
}

TEST(ADirectoryOfSomethingElse, IsNotOverwritten) {
  FakeHost host;
  host.with_file(prefix / "thesis.tex", "");
  EXPECT_THAT(refusal(*any(), args(), host), HasSubstr("'/opt/conda' is there, and is no conda"));
}

TEST(CondaThatIsThere, IsLeftAlone) {
  FakeHost host = with_conda();
  EXPECT_THAT(expect_laws(*any(), args(), host).steps, IsEmpty());
}

TEST(AnEnvironment, IsMadeWithItsPackagesFromItsChannelsAlone) {
  FakeHost host = with_conda();
  const Plan plan = expect_laws(
      *any(), args({{"name", "ml"}, {"packages", List{"python=3.11", "numpy"}}, {"channels", List{"conda-forge"}}}),
      host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_THAT(plan.steps[0].changes,
              ElementsAre(Change{"conda environment /opt/conda/envs/ml", std::nullopt, "environment"},
                          Change{"conda package python", std::nullopt, "=3.11"},
                          Change{"conda package numpy", std::nullopt, "newest"}));
  EXPECT_THAT(std::get<Exec>(plan.steps[0].actions[0]).argv,
              ElementsAre("/opt/conda/bin/conda", "create", "-y", "-q", "-p", "/opt/conda/envs/ml",
                          "--override-channels", "-c", "conda-forge", "python=3.11", "numpy"));
}

TEST(AnEnvironment, ThatHasThePackagesIsLeftAlone) {
  FakeHost host = with_environment();
  const Plan plan =
      expect_laws(*any(), args({{"name", "ml"}, {"packages", List{"python=3.11", "numpy>=1.26,<2"}}}), host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ((*plan.result.find("packages"))["numpy-base"].string(), "1.26.4");
}

TEST(AnEnvironment, GetsAPackageOfAnotherVersion) {
  FakeHost host = with_environment();
  const Plan plan = expect_laws(*any(), args({{"name", "ml"}, {"packages", List{"numpy==2.0.0"}}}), host);
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"conda package numpy", "1.26.4", "==2.0.0"}));
  EXPECT_EQ(std::get<Exec>(plan.steps[0].actions[0]).argv[1], "install");
}

TEST(AnEnvironment, GoesWithAllThatIsInIt) {
  FakeHost host = with_environment();
  expect_laws(*any(), args({{"name", "ml"}, {"state", "absent"}}), host);
  EXPECT_FALSE(host.stat(prefix / "envs/ml"));
  EXPECT_TRUE(host.stat(prefix / "bin/conda"));
}

TEST(AnEnvironment, LosesOnePackage) {
  FakeHost host = with_environment();
  const Plan plan =
      expect_laws(*any(), args({{"name", "ml"}, {"packages", List{"numpy", "scipy"}}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"conda package numpy", "1.26.4", std::nullopt}));
}

TEST(AnEnvironmentFile, IsReadAndComparedWithWhatIsThere) {
  const std::string file =
      "# for the course\nname: ml\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - numpy >=1.26  # "
      "old\n"
      "  - pip:\n    - torch==2.5.1\n";
  FakeHost host = with_environment();
  host.with_file("/srv/environment.yml", file);
  EXPECT_THAT(expect_laws(*any(), args({{"file", "/srv/environment.yml"}}), host).steps, IsEmpty());

  FakeHost bare = with_conda();
  bare.with_file("/srv/environment.yml", file);
  const Plan plan = any()->check(args({{"file", "/srv/environment.yml"}}), bare);
  EXPECT_THAT(std::get<Exec>(plan.steps[0].actions[0]).argv,
              ElementsAre("/opt/conda/bin/conda", "env", "create", "-q", "-p", "/opt/conda/envs/ml", "-f",
                          "/srv/environment.yml"));
}

TEST(AnEnvironmentFile, ThatIsNotUnderstoodIsRefusedWithItsLine) {
  FakeHost host = with_conda();
  host.with_file("/srv/environment.yml", "name: ml\nvariables:\n  HOME: /x\n");
  EXPECT_THAT(refusal(*any(), args({{"file", "/srv/environment.yml"}}), host),
              HasSubstr("line 3 of '/srv/environment.yml'"));
}

TEST(PipThatReplacedAPackageOfCondas, IsNoted) {
  FakeHost host = with_environment();
  const Path env = prefix / "envs/ml", site = env / "lib/python3.11/site-packages";
  host.with_file(env / "bin/python3.11", "", 0755)
      .with_link(env / "bin/python", "python3.11")
      .with_file(env / "lib/python3.11/os.py", "")
      .with_file(site / "numpy-2.0.0.dist-info/METADATA", "Name: numpy\nVersion: 2.0.0\n")
      .with_file(site / "numpy-2.0.0.dist-info/INSTALLER", "pip\n");
  EXPECT_THAT(
      any()->check(args({{"name", "ml"}, {"packages", List{"python"}}}), host).notes,
      ElementsAre(HasSubstr("pip and conda fight over numpy: conda's record says 1.26.4, pip put 2.0.0 there")));
}

TEST(AShell, GetsTheBlockThatCondaInitWritesOnce) {
  FakeHost host = with_conda();
  host.with_user(test::alice()).as(test::alice()).with_file("/home/alice/.bashrc", "alias l=ls\n", 0644, "alice");
  expect_laws(*any(), args({{"init", List{"bash"}}}), host);
  const std::string text = host.content("/home/alice/.bashrc");
  EXPECT_THAT(text, HasSubstr("alias l=ls\n\n# >>> conda initialize >>>\n"));
  EXPECT_THAT(text, HasSubstr("'/opt/conda/bin/conda' 'shell.bash' 'hook'"));
  EXPECT_EQ(without_init_block(text), "alias l=ls\n");
  EXPECT_THAT(with_init_block(text, "/home/alice/other", "bash"), HasSubstr("'/home/alice/other/bin/conda'"));
}

TEST(ThePrompt, StaysCleanWhereBaseIsNotActivated) {
  FakeHost host = with_conda();
  expect_laws(*any(), args({{"auto_activate", false}}), host);
  EXPECT_EQ(host.content(prefix / ".condarc"), "channels:\n  - conda-forge\nauto_activate_base: false\n");
}

TEST(Micromamba, KeepsEnvironmentsWhereItIsInPath) {
  FakeHost host;
  host.with_environment("PATH", "/usr/local/bin:/usr/bin").with_file("/usr/local/bin/micromamba", "", 0755);
  const Plan plan =
      expect_laws(*any(), args({{"distribution", "micromamba"}, {"name", "ml"}, {"packages", List{"numpy"}}}), host);
  const Exec& exec = std::get<Exec>(plan.steps[0].actions[0]);
  EXPECT_EQ(exec.argv.front(), "/usr/local/bin/micromamba");
  EXPECT_EQ(exec.environment.at("MAMBA_ROOT_PREFIX"), "/opt/conda");
  EXPECT_THAT(
      refusal(*any(), args({{"distribution", "micromamba"}, {"name", "ml"}, {"packages", List{"numpy"}}}), FakeHost()),
      HasSubstr("there is no 'micromamba' in PATH"));
}

struct Order {
  std::string a, b;
};
class CondaVersions : public ::testing::TestWithParam<Order> {};
TEST_P(CondaVersions, AreOrderedAsCondaDoes) {
  EXPECT_LT(compare_versions(GetParam().a, GetParam().b), 0);
  EXPECT_GT(compare_versions(GetParam().b, GetParam().a), 0);
}
// The order that the documentation of conda's VersionOrder gives, in part.
INSTANTIATE_TEST_SUITE_P(Table, CondaVersions,
                         ::testing::Values(Order{"0.4", "0.4.1.rc"}, Order{"0.4.1.rc", "0.4.1"},
                                           Order{"0.5a1", "0.5b3"}, Order{"0.5b3", "0.5"}, Order{"0.9.6", "0.960923"},
                                           Order{"1.0", "1.1dev1"}, Order{"1.1dev1", "1.1a1"}, Order{"1.1a1", "1.1.0"},
                                           Order{"1.1.0", "1.1.0post1"}, Order{"1.9", "1.26"},
                                           Order{"2023c", "2024a"}));

struct Spec {
  std::string spec, version, build;
  bool takes;
};
class CondaSpecs : public ::testing::TestWithParam<Spec> {};
TEST_P(CondaSpecs, TakeWhatCondaTakes) {
  EXPECT_EQ(MatchSpec::parse(GetParam().spec).takes(GetParam().version, GetParam().build), GetParam().takes)
      << GetParam().spec << " " << GetParam().version;
}
INSTANTIATE_TEST_SUITE_P(
    Table, CondaSpecs,
    ::testing::Values(Spec{"numpy", "9", "x", true}, Spec{"numpy=1.26", "1.26.4", "x", true},
                      Spec{"numpy=1.2", "1.26.4", "x", false}, Spec{"numpy==1.26", "1.26.4", "x", false},
                      Spec{"numpy==1.26.4", "1.26.4", "x", true}, Spec{"numpy>=1.26,<2", "2.0", "x", false},
                      Spec{"numpy >=1.26, <2", "1.26", "x", true}, Spec{"numpy 1.26.*", "1.26.4", "x", true},
                      Spec{"numpy=1.25|=1.26", "1.26.4", "x", true}, Spec{"numpy!=1.26.*", "1.26.4", "x", false},
                      Spec{"numpy~=1.26.1", "1.26.4", "x", true}, Spec{"numpy~=1.26.1", "1.27", "x", false},
                      Spec{"conda-forge::numpy=1.26.4=py311*", "1.26.4", "py311h_0", true},
                      Spec{"numpy=1.26.4=py312*", "1.26.4", "py311h_0", false},
                      Spec{"numpy[version='>=1.2,<2',build=py311*]", "1.26.4", "py311h_0", true},
                      Spec{"numpy 1.26.4 py311h_0", "1.26.4", "py311h_0", true}));

TEST(ANameThatIsNoPackage, IsRefused) {
  EXPECT_THAT(refusal(*any(), args({{"packages", List{"--yes"}}}), with_conda()), HasSubstr("'--yes' is no package"));
}

}  // namespace
}  // namespace agent::conda
