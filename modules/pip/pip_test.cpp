#include "pip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/mock_host.hpp>

namespace agent::pip {
namespace {

using test::alice;
using test::expect_laws;
using test::FakeHost;
using test::MockHost;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::NiceMock;
using ::testing::Throw;

const Path site = "/ml/env/lib/python3.11/site-packages";

FakeHost debian_machine() {
  FakeHost host;
  host.with_file("/usr/bin/python3.11", "", 0755)
      .with_link("/usr/bin/python3", "python3.11")
      .with_file("/usr/lib/python3.11/os.py", "")
      .with_file("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\n")
      .with_file("/usr/lib/python3.11/ensurepip/__init__.py", "")
      .with_directory("/usr/lib/python3/dist-packages");
  host.package_db().installed("python3.11", "3.11.2-6+deb12u6");
  return host;
}

FakeHost& with_package(FakeHost& host, const std::string& name, const std::string& version,
                       const Strings& requires_dist = {}, const Path& where = site) {
  const Path info = where / (name + "-" + version + ".dist-info");
  std::string text = "Name: " + name + "\nVersion: " + version + "\n";
  for (const auto& needed : requires_dist) text += "Requires-Dist: " + needed + "\n";
  return host.with_file(info / "METADATA", text).with_file(info / "RECORD", "").with_file(info / "INSTALLER", "pip\n");
}

FakeHost machine_with_environment(const std::string& system = "false", const std::string& pip = "24.0") {
  FakeHost host = debian_machine();
  host.with_file("/ml/env/pyvenv.cfg",
                 "home = /usr/bin\ninclude-system-site-packages = " + system + "\nversion = 3.11.2\n")
      .with_link("/ml/env/bin/python", "/usr/bin/python3")
      .with_directory(site);
  return std::move(with_package(host, "pip", pip));
}

Map args(Map more, bool in_environment = true) {
  Map map = std::move(more);
  if (in_environment) map.set("virtualenv", "/ml/env");
  return arguments().spec().check(map);
}

template <class... Text>
Strings pip_command(Text... more) {
  return {"/ml/env/bin/python", "-m", "pip", more...};
}

std::vector<Strings> commands(const Plan& plan) {
  std::vector<Strings> argvs;
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions)
      if (const auto* exec = std::get_if<Exec>(&action)) argvs.push_back(exec->argv);
  return argvs;
}

std::string message(const Error& error) {
  std::string text = error.where() ? error.where().text() + " " + error.message() : error.message();
  for (const auto& hint : error.hints()) text += "\nhint: " + hint;
  return text;
}

std::string refusal(const Args& arguments, const FakeHost& host) {
  try {
    debian()->check(arguments, host);
  } catch (const Error& error) {
    return message(error);
  }
  return "no error";
}

// ---- what is installed --------------------------------------------------------------------------------------------

struct Case {
  std::string asked, name, installed;
  bool satisfied;
};

class PipRequirement : public ::testing::TestWithParam<Case> {};

TEST_P(PipRequirement, IsDecidedFromTheRecords) {
  FakeHost host = machine_with_environment();
  with_package(host, GetParam().name, GetParam().installed);
  const Plan plan = debian()->check(args({{"name", List{GetParam().asked}}}), host);
  EXPECT_EQ(plan.empty(), GetParam().satisfied)
      << GetParam().asked << " with " << GetParam().name << " " << GetParam().installed;
  EXPECT_THAT(host.queried(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, PipRequirement,
    ::testing::Values(
        Case{"torch", "torch", "2.13.0+cpu", true}, Case{"torch==2.13.0", "torch", "2.13.0+cpu", true},
        Case{"torch===2.13.0", "torch", "2.13.0+cpu", false}, Case{"torch==2.13.0+cu130", "torch", "2.13.0+cpu", false},
        Case{"torch>2.13.0", "torch", "2.13.0+cpu", false}, Case{"Scikit.Learn>=1", "scikit_learn", "1.5.0", true},
        Case{"numpy>=1.26,<2", "numpy", "2.0.0", false}, Case{"numpy~=1.26.0", "numpy", "1.26.4", true},
        Case{"pandas==2.*", "pandas", "2.2.3", true}, Case{"pandas!=2.2.*", "pandas", "2.2.3", false},
        Case{"jax>=0.4", "jax", "0.5.0rc1", true}, Case{"absent; python_version < '3'", "torch", "1.0", true},
        Case{"absent; python_version >= '3.11'", "torch", "1.0", false},
        Case{"/wheels/torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl", "torch", "2.13.0+cpu", true},
        Case{"https://host/torch-2.13.0-cp311-cp311-linux_x86_64.whl", "torch", "2.12.0", false}));

TEST(PipWithDependencies, MissesWhatAPackageNeeds) {
  FakeHost host = machine_with_environment();
  with_package(host, "pandas", "2.1.0",
               {"numpy>=1.26", "python-dateutil", "xlrd; extra == 'excel'", "tzdata; sys_platform == 'win32'"});
  with_package(host, "numpy", "1.24.0");
  with_package(host, "python_dateutil", "2.9.0", {"six>=1.5"});
  const Plan plan = expect_laws(*debian(), args({{"name", "pandas"}}), host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_THAT(plan.steps[0].changes,
              ElementsAre(Change{"python package numpy (for pandas 2.1.0)", "1.24.0", ">=1.26"},
                          Change{"python package six (for python-dateutil 2.9.0)", std::nullopt, ">=1.5"}));
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--", "pandas")));
}

TEST(PipWithDependencies, LooksAtThoseOfTheExtrasThatWereAskedFor) {
  FakeHost host = machine_with_environment();
  with_package(host, "pandas", "2.1.0", {"xlrd>=2; extra == 'Excel_files'"});
  EXPECT_TRUE(debian()->check(args({{"name", "pandas"}}), host).empty());
  const Plan plan = debian()->check(args({{"name", "pandas[excel-files]"}}), host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package xlrd (for pandas 2.1.0)", std::nullopt, ">=2"}));
}

TEST(PipWithDependencies, IgnoresThemWhereItIsTold) {
  FakeHost host = machine_with_environment();
  with_package(host, "pandas", "2.1.0", {"numpy>=1.26"});
  EXPECT_TRUE(debian()->check(args({{"name", "pandas"}, {"no_deps", true}}), host).empty());
}

TEST(PipWithDependencies, EndsWherePackagesNeedEachOther) {
  FakeHost host = machine_with_environment();
  with_package(host, "a", "1", {"b", "a[x]"});
  with_package(host, "b", "1", {"a", "c; extra == 'x'"});
  EXPECT_TRUE(debian()->check(args({{"name", "a"}}), host).empty());
}

TEST(PipWithSystemPackages, IsContentWithThem) {
  FakeHost host = machine_with_environment("true");
  with_package(host, "torch", "1.13.1", {}, "/usr/lib/python3/dist-packages");
  EXPECT_TRUE(debian()->check(args({{"name", "torch"}}), host).empty());
  const Plan gone = debian()->check(args({{"name", "torch"}, {"state", "absent"}}), host);
  EXPECT_TRUE(gone.empty());
  EXPECT_THAT(gone.notes, ElementsAre(HasSubstr("torch 1.13.1 is the system's own")));
}

TEST(PipAfterAnInterruptedRun, PutsTheHalfInstalledPackageInPlace) {
  FakeHost host = machine_with_environment();
  host.with_file(site / "numpy-1.26.4.dist-info/METADATA", "Name: numpy\nVersion: 1.26.4\n");
  const Plan plan = expect_laws(*debian(), args({{"name", "numpy"}}), host);
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package numpy", "1.26.4, half installed", "1.26.4"}));
  EXPECT_EQ(plan.steps[0].actions[0], Action(RemovePath{site / "numpy-1.26.4.dist-info"}));
  EXPECT_THAT(commands(plan),
              ElementsAre(pip_command("install", "--ignore-installed", "--no-deps", "--", "numpy==1.26.4")));
}

// What kill -9 left of a real pip 23.0.1 between unpacking 2.1.0 and recording it.
TEST(PipAfterAnInterruptedRun, SettlesTwoRecordsOfOnePackage) {
  FakeHost host = machine_with_environment();
  with_package(host, "numpy", "1.26.4");
  host.with_file(site / "numpy-2.1.0.dist-info/METADATA", "Name: numpy\nVersion: 2.1.0\n")
      .with_file(site / "numpy-2.1.0.dist-info/INSTALLER", "pip\n")
      .with_file(site / "~umpy-1.26.4.dist-info/METADATA", "Name: numpy\nVersion: 1.26.4\n")
      .with_directory(site / "~-mpy.libs");
  const Plan plan = expect_laws(*debian(), args({{"name", "numpy==2.1.0"}}), host);
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package numpy", "1.26.4 and 2.1.0, half installed", "2.1.0"}));
  EXPECT_THAT(commands(plan),
              ElementsAre(pip_command("uninstall", "--yes", "--", "numpy"),
                          pip_command("install", "--ignore-installed", "--no-deps", "--", "numpy==2.1.0")));
  EXPECT_THAT(host.list(site), ElementsAre("numpy-2.1.0.dist-info", "pip-24.0.dist-info"));
}

TEST(PipAfterAnInterruptedRun, LooksForEveryFileWherePipLeftTraces) {
  FakeHost host = machine_with_environment();
  with_package(host, "numpy", "1.26.4");
  host.with_file(site / "numpy-1.26.4.dist-info/RECORD", "numpy/__init__.py,sha256=x,1\n\"numpy/a,b.py\",,\n");
  EXPECT_TRUE(debian()->check(args({{"name", "numpy"}}), host).empty());
  host.with_directory(site / "~umpy.libs");
  EXPECT_EQ(debian()->check(args({{"name", "numpy"}}), host).steps.at(0).changes.at(0).before,
            "1.26.4, half installed");
  host.with_file(site / "numpy/__init__.py", "").with_file(site / "numpy/a,b.py", "");
  const Plan plan = expect_laws(*debian(), args({{"name", "numpy"}}), host);
  EXPECT_THAT(plan.steps.at(0).actions, ElementsAre(Action(RemovePath{site / "~umpy.libs"})));
}

TEST(PipAfterAnInterruptedRun, LeavesTheTracesOfOtherPackages) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.17.0");
  host.with_directory(site / "~umpy.libs");
  EXPECT_TRUE(debian()->check(args({{"name", "six"}}), host).empty());
}

// ---- how it is installed ------------------------------------------------------------------------------------------

TEST(PipInAnEnvironment, InstallsWithTheOptionsItWasGiven) {
  FakeHost host = machine_with_environment();
  const Plan plan = expect_laws(*debian(),
                                args({{"name", List{"torch"}},
                                      {"version", "2.5.1+cu124"},
                                      {"index_url", "https://download.pytorch.org/whl/cu124"},
                                      {"extra_index_url", "https://pypi.org/simple"},
                                      {"find_links", "/wheels"},
                                      {"no_deps", true},
                                      {"pre", true},
                                      {"extra_args", "--no-cache-dir --config-settings 'a=b c'"},
                                      {"chdir", "/srv"}}),
                                host);
  EXPECT_THAT(commands(plan), ElementsAre(pip_command(
                                  "install", "--no-deps", "--index-url", "https://download.pytorch.org/whl/cu124",
                                  "--extra-index-url", "https://pypi.org/simple", "--find-links", "/wheels", "--pre",
                                  "--no-cache-dir", "--config-settings", "a=b c", "--", "torch==2.5.1+cu124")));
  const auto& exec = std::get<Exec>(plan.steps[0].actions[0]);
  EXPECT_EQ(exec.directory, Path("/srv"));
  EXPECT_EQ(exec.progress, Progress::pip);
  EXPECT_EQ(exec.environment.at("PIP_NO_INPUT"), "1");
  EXPECT_EQ(exec.environment.count("PIP_PROGRESS_BAR"), 0u) << "pip 24.0 does not know it";
}

TEST(PipInAnEnvironment, KeepsPasswordsOffTheCommandLine) {
  FakeHost host = machine_with_environment();
  const Plan plan = debian()->check(args({{"name", "secretlib"},
                                          {"index_url", "https://me:hunter2@host/simple"},
                                          {"extra_index_url", List{"https://me:hunter2@other/simple"}}}),
                                    host);
  const auto& exec = std::get<Exec>(plan.steps[0].actions[0]);
  EXPECT_THAT(exec.argv, ::testing::Each(::testing::Not(HasSubstr("hunter2"))));
  EXPECT_EQ(exec.environment.at("PIP_INDEX_URL"), "https://me:hunter2@host/simple");
  EXPECT_EQ(exec.environment.at("PIP_EXTRA_INDEX_URL"), "https://me:hunter2@other/simple");
}

TEST(PipInAnEnvironment, TakesATextThatYamlSplitAtItsCommas) {
  FakeHost host = machine_with_environment();
  const Plan plan = debian()->check(args({{"name", "numpy>=1.26,<3,jupyter[a,b]"}}), host);
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--", "numpy>=1.26,<3", "jupyter[a,b]")));
}

TEST(PipInAnEnvironment, SetsTheUmaskWithoutAShell) {
  FakeHost host = machine_with_environment();
  const Plan plan = debian()->check(args({{"name", "six"}, {"umask", "0077"}}), host);
  const Strings argv = commands(plan).front();
  EXPECT_EQ(argv[0], "/ml/env/bin/python");
  EXPECT_EQ(argv[1], "-c");
  EXPECT_THAT(argv, Contains("0077"));
}

TEST(PipInAnEnvironment, ReturnsTheVersionsItLeaves) {
  FakeHost host = machine_with_environment();
  const Args wanted = args({{"name", "six"}, {"version", "1.16.0"}});
  const Plan plan = debian()->check(wanted, host);
  const Outcome outcome = debian()->apply(plan, host);
  EXPECT_EQ(outcome.result.find("packages")->find("six")->string(), "1.16.0");
}

TEST(PipInAMissingEnvironment, MakesItFirst) {
  FakeHost host = debian_machine();
  const Plan plan = expect_laws(*debian(), args({{"name", "six"}, {"virtualenv_site_packages", true}}), host);
  EXPECT_THAT(commands(plan),
              ElementsAre(Strings{"/usr/bin/python3", "-m", "venv", "--system-site-packages", "/ml/env"},
                          pip_command("install", "--", "six")));
}

TEST(PipInAMissingEnvironment, MakesItWithAnotherTool) {
  FakeHost host = debian_machine();
  const Plan plan = debian()->check(
      args({{"name", "six"}, {"virtualenv_command", "virtualenv --no-wheel"}, {"virtualenv_python", "3.11"}}), host);
  EXPECT_THAT(commands(plan).front(), ElementsAre("virtualenv", "--no-wheel", "-p", "3.11", "/ml/env"));
}

TEST(PipInAMissingEnvironment, TakesItAwayAgainWhenItsCreationFails) {
  NiceMock<MockHost> host(debian_machine());
  const Plan plan = debian()->check(args({{"name", "six"}}), host);
  EXPECT_CALL(host, perform).WillRepeatedly([&](const Action& action) -> Output {
    if (!std::holds_alternative<Exec>(action)) return host.fake.perform(action);
    host.fake.with_file("/ml/env/pyvenv.cfg", "");
    throw Error("'venv' failed")
        .with({{"stdout", "The virtual environment was not created successfully because ensurepip is not available."}});
  });
  EXPECT_THROW(debian()->apply(plan, host), Error);
  EXPECT_FALSE(host.fake.stat("/ml"));
}

TEST(PipInABrokenEnvironment, SaysHowToRebuildIt) {
  FakeHost host = machine_with_environment();
  host.with_link("/ml/env/bin/python", "/usr/bin/python3.9");
  EXPECT_EQ(refusal(args({{"name", "six"}}), host),
            "the virtual environment '/ml/env' is broken: its bin/python leads to '/usr/bin/python3.9', which does not "
            "exist\n"
            "hint: venv: {path: /ml/env, clear: true} rebuilds it, and deletes the packages in it");
}

TEST(PipInADryRun, ShowsLaterTasksWhatItWouldInstall) {
  FakeHost host = machine_with_environment();
  const auto run = [&](Map map) {
    const Plan plan = debian()->check(args(std::move(map)), host);
    debian()->apply(plan, host);
    return plan;
  };
  run({{"name", List{"torch==2.13.0", "pandas"}}});
  EXPECT_TRUE(run({{"name", List{"torch>=2,<3", "pandas>=2"}}}).empty());
  EXPECT_THROW(run({{"name", "pandas<2"}}), Unknown);
  EXPECT_THAT(run({{"name", "numpy"}}).notes, ElementsAre(HasSubstr("what depends on pandas, torch is not known")));
}

// ---- requirements files -------------------------------------------------------------------------------------------

TEST(PipRequirementsFile, IsReadWithAllThatItNames) {
  FakeHost host = machine_with_environment();
  host.with_file("/srv/requirements.txt",
                 "# tools\n-r more/base.txt\n-c constraints.txt\n--extra-index-url https://host/simple\n"
                 "six>=1.0 \\\n   ; python_version >= '3'  # a comment\nidna==3.7 --hash=sha256:00\n-e ./project\n")
      .with_file("/srv/more/base.txt", "attrs\n-r ../requirements.txt\n")
      .with_file("/srv/constraints.txt", "attrs<24\nunused==1\n");
  with_package(with_package(with_package(host, "attrs", "24.1"), "six", "1.17.0"), "idna", "3.7");
  const Plan plan = debian()->check(args({{"requirements", "/srv/requirements.txt"}}), host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_THAT(plan.steps[0].changes,
              ElementsAre(Change{"python package attrs", "24.1", "<24"},
                          Change{"python package /srv/project", std::nullopt, "file:///srv/project"}));
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--requirement", "/srv/requirements.txt")));
}

TEST(PipRequirementsFile, IsWrongAtALineOfItsOwn) {
  FakeHost host = machine_with_environment();
  host.with_file("/srv/r.txt", "six\nnumpy = 1\n");
  EXPECT_EQ(refusal(args({{"requirements", "/srv/r.txt"}}), host),
            "/srv/r.txt:2:1 cannot read 'numpy = 1': expected a version comparison such as '>=1.2', found '= 1'");
  EXPECT_EQ(refusal(args({{"requirements", "/srv/none.txt"}}), host), "there is no requirements file '/srv/none.txt'");
}

TEST(PipConstraints, HoldForDependenciesToo) {
  FakeHost host = machine_with_environment();
  host.with_file("/srv/c.txt", "numpy<2\n");
  with_package(with_package(host, "pandas", "2.2.0", {"numpy>=1.26"}), "numpy", "2.0.1");
  const Plan plan = debian()->check(args({{"name", "pandas"}, {"constraints", "/srv/c.txt"}}), host);
  EXPECT_THAT(plan.steps[0].changes,
              ElementsAre(Change{"python package numpy (for pandas 2.2.0)", "2.0.1", ">=1.26,<2"}));
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--constraint", "/srv/c.txt", "--", "pandas")));
}

// ---- sources ------------------------------------------------------------------------------------------------------

TEST(PipSource, IsRecognisedByWhereThePackageCameFrom) {
  FakeHost host = machine_with_environment();
  with_package(host, "project", "0.1");
  host.with_file(site / "project-0.1.dist-info/direct_url.json",
                 R"({"url": "file:///srv/project", "dir_info": {"editable": true}})");
  with_package(host, "lib", "1.0");
  host.with_file(
      site / "lib-1.0.dist-info/direct_url.json",
      R"({"url": "https://host/lib.git", "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "abc"}})");
  EXPECT_TRUE(debian()->check(args({{"name", "/srv/project"}, {"editable", true}}), host).empty());
  EXPECT_FALSE(debian()->check(args({{"name", "/srv/project"}}), host).empty());
  EXPECT_FALSE(debian()->check(args({{"name", "/srv/other"}, {"editable", true}}), host).empty());
  EXPECT_TRUE(debian()->check(args({{"name", "git+https://host/lib.git@v1#egg=lib"}}), host).empty());
  EXPECT_TRUE(debian()->check(args({{"name", "lib @ git+https://host/lib.git@abc"}}), host).empty());
  EXPECT_FALSE(debian()->check(args({{"name", "git+https://host/lib.git@v2"}}), host).empty());
}

// ---- states -------------------------------------------------------------------------------------------------------

TEST(PipLatest, UpgradesWhatTheIndexHasNewer) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.15.0");
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv[3] == "index")
      return Output{.out = "six (1.17.0)\nAvailable versions: 2.0rc1, 1.17.0, 1.16.0\n  INSTALLED: 1.15.0\n"};
    if (argv[4] == "--dry-run")
      return Output{.out = R"({"version": "1", "install": [{"metadata": {"name": "six", "version": "1.17.0"}}]})"};
    return std::nullopt;
  });
  const Plan plan = expect_laws(*debian(), args({{"name", "six"}, {"state", "latest"}}), host);
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package six", "1.15.0", "1.17.0"}));
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--upgrade", "--", "six")));
}

TEST(PipLatest, AsksAPipThatHasNoCommandForVersionsForOneThatThereIsNot) {
  for (const auto& [pip, asked] : std::map<std::string, Strings>{
           {"20.0.2", {"install", "--no-deps", "--", "six===no-such-version"}},
           {"20.3.4", {"install", "--no-deps", "--use-deprecated=legacy-resolver", "--", "six===no-such-version"}}}) {
    FakeHost host = machine_with_environment("false", pip);
    with_package(host, "six", "1.15.0");
    Strings question;
    host.answers_with([&](FakeHost&, const Strings& argv) -> std::optional<Output> {
      question.assign(argv.begin() + 3, argv.end());
      return Output{.rc = 1,
                    .err =
                        "ERROR: Could not find a version that satisfies the requirement six===no-such-version (from "
                        "versions: 1.15.0, 1.17.0, 2.0rc1)\n"};
    });
    const Plan plan = debian()->check(args({{"name", "six"}, {"state", "latest"}}), host);
    EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package six", "1.15.0", "1.17.0"})) << pip;
    EXPECT_EQ(question, asked) << pip;
  }
}

TEST(PipLatest, LeavesWhatOtherPackagesKeepBack) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.15.0");
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv[3] == "index") return Output{.out = "six (1.17.0)\nAvailable versions: 1.17.0\n"};
    return Output{.out = R"({"version": "1", "install": []})"};
  });
  const Plan plan = debian()->check(args({{"name", "six"}, {"state", "latest"}}), host);
  EXPECT_TRUE(plan.empty());
  EXPECT_THAT(plan.notes, ElementsAre("six 1.17.0 exists, but the other packages keep it at 1.15.0"));
}

TEST(PipLatest, IsUnknownWhereTheIndexDoesNotAnswer) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.15.0");
  host.answers_with([](FakeHost&, const Strings&) {
    return Output{.rc = 1,
                  .err =
                      "WARNING: Retrying ... NewConnectionError('Temporary failure in name resolution')\n"
                      "ERROR: No matching distribution found for six\n"};
  });
  EXPECT_THROW(debian()->check(args({{"name", "six"}, {"state", "latest"}}), host), Unknown);
}

TEST(PipForcereinstall, InstallsEachTimeItIsAsked) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.17.0");
  const Plan plan = expect_laws(*debian(), args({{"name", "six"}, {"state", "forcereinstall"}}), host);
  EXPECT_TRUE(plan.steps[0].event);
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("install", "--force-reinstall", "--", "six")));
}

TEST(PipAbsent, RemovesWhatIsThere) {
  FakeHost host = machine_with_environment();
  with_package(host, "six", "1.17.0");
  const Plan plan = expect_laws(*debian(), args({{"name", List{"Six", "nothing"}}, {"state", "absent"}}), host);
  EXPECT_EQ(plan.steps[0].changes, (std::vector<Change>{{"python package six", "1.17.0", std::nullopt}}));
  EXPECT_THAT(commands(plan), ElementsAre(pip_command("uninstall", "--yes", "--", "six")));
}

// ---- the system's Python ------------------------------------------------------------------------------------------

TEST(PipInTheDistributionsPython, NamesTheThreeWaysOut) {
  FakeHost host = debian_machine();
  host.package_db().installed("python3-pip", "23.0.1+dfsg-1");
  EXPECT_EQ(refusal(args({{"name", "pyyaml"}}, false), host),
            "Python 3.11 ('/usr/bin/python3') is the distribution's own, and pip is kept out of it (PEP 668, "
            "'/usr/lib/python3.11/EXTERNALLY-MANAGED')\n"
            "hint: virtualenv: DIRECTORY installs into an environment of its own (the usual way)\n"
            "hint: apt: {name: python3-yaml} installs the distribution's own package, where there is one\n"
            "hint: break_system_packages: true installs all the same, at the risk of breaking the system's tools");
}

TEST(PipInTheDistributionsPython, ObeysWhoInsists) {
  FakeHost host = debian_machine();
  host.package_db().installed("python3-pip", "23.0.1+dfsg-1");
  const Plan plan = expect_laws(*debian(), args({{"name", "six"}, {"break_system_packages", true}}, false), host);
  const auto& exec = std::get<Exec>(plan.steps[0].actions[0]);
  EXPECT_EQ(exec.environment.at("PIP_BREAK_SYSTEM_PACKAGES"), "1");
  EXPECT_THAT(exec.argv, ElementsAre("/usr/bin/python3", "-m", "pip", "install", "--", "six"));
  EXPECT_TRUE(host.stat("/usr/local/lib/python3.11/dist-packages"));
}

TEST(PipInTheDistributionsPython, ObeysPipsOwnConfiguration) {
  FakeHost host = debian_machine();
  host.package_db().installed("python3-pip", "23.0.1+dfsg-1");
  host.with_file("/root/.config/pip/pip.conf", "[global]\nbreak-system-packages = true\n");
  EXPECT_FALSE(debian()->check(args({{"name", "six"}}, false), host).empty());
}

TEST(PipInTheDistributionsPython, IsNotInTheWayOfWhatIsInstalled) {
  FakeHost host = debian_machine();
  host.package_db().installed("python3-pip", "23.0.1+dfsg-1");
  with_package(host, "six", "1.16.0", {}, "/usr/lib/python3/dist-packages");
  EXPECT_TRUE(debian()->check(args({{"name", "six"}}, false), host).empty());
}

TEST(PipForAUser, InstallsBelowTheHome) {
  FakeHost host = debian_machine();
  host.as(alice());
  host.package_db().installed("python3-pip", "23.0.1+dfsg-1");
  const Plan plan =
      expect_laws(*debian(), args({{"name", "six"}, {"user", true}, {"break_system_packages", true}}, false), host);
  EXPECT_THAT(commands(plan), ElementsAre(Strings{"/usr/bin/python3", "-m", "pip", "install", "--user", "--", "six"}));
  EXPECT_THAT(host.list("/home/alice/.local/lib/python3.11/site-packages"), Contains(HasSubstr("six-")));
}

TEST(PipForAUser, IsRefusedInAnEnvironmentThatWouldNotSeeIt) {
  EXPECT_THAT(refusal(args({{"name", "six"}, {"user", true}}), machine_with_environment()),
              HasSubstr("'user: true' has no effect"));
}

TEST(PipWithoutPip, NamesThePackageThatBringsIt) {
  EXPECT_THAT(refusal(args({{"name", "six"}}, false), debian_machine()),
              HasSubstr("'/usr/bin/python3' has no pip\nhint: apt: {name: python3-pip} installs one"));
}

TEST(PipExecutable, BelongsToThePythonInItsFirstLine) {
  FakeHost host = machine_with_environment();
  host.with_file("/ml/env/bin/pip", "#!/ml/env/bin/python\nimport sys\n", 0755);
  const Plan plan = expect_laws(*debian(), args({{"name", "six"}, {"executable", "/ml/env/bin/pip"}}, false), host);
  EXPECT_THAT(commands(plan), ElementsAre(Strings{"/ml/env/bin/pip", "install", "--", "six"}));
}

// ---- wrong arguments ----------------------------------------------------------------------------------------------

TEST(PipWithWrongArguments, SaysWhatIsWrongAndWhere) {
  const FakeHost host = machine_with_environment();
  EXPECT_EQ(
      refusal(args({{"name", List{"a", "b"}}, {"version", "1"}}), host),
      "'version' goes with one name, and there are 2\nhint: write the versions into the names: \"numpy==1.26.4\"");
  EXPECT_EQ(refusal(args({{"name", "a==1"}, {"version", "2"}}), host),
            "'a==1' has a version already, and 'version' gives another");
  EXPECT_EQ(refusal(args({{"name", "--upgrade"}}), host),
            "'--upgrade' is an option of pip, not a package\nhint: options go to extra_args");
  EXPECT_THAT(refusal(args({{"name", "six"}, {"version", "not a version"}}), host), HasSubstr("cannot read"));
}

// ---- failures -----------------------------------------------------------------------------------------------------

struct Failure {
  std::string said, expected;
};

class PipFailure : public ::testing::TestWithParam<Failure> {};

TEST_P(PipFailure, IsSaidWithTheWayOut) {
  NiceMock<MockHost> host(machine_with_environment());
  const Plan plan = debian()->check(args({{"name", "nunpy"}}), host);
  EXPECT_CALL(host, perform)
      .WillOnce(Throw(Error("'installing nunpy' failed with exit code 1")
                          .with({{"rc", 1}, {"stdout", ""}, {"stderr", GetParam().said}})));
  try {
    debian()->apply(plan, host);
    FAIL() << "the failure was lost";
  } catch (const Error& error) {
    EXPECT_THAT(message(error), HasSubstr(GetParam().expected));
    EXPECT_TRUE(error.result().contains("stderr"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, PipFailure,
    ::testing::Values(
        Failure{"ERROR: Could not find a version that satisfies the requirement nunpy (from versions: none)\n"
                "ERROR: No matching distribution found for nunpy\n",
                "the package index has no package 'nunpy' for Python 3.11\nhint: did you mean 'numpy'?"},
        Failure{"ERROR: Could not find a version that satisfies the requirement six==9.9 (from versions: 1.0b1, "
                "1.15.0, 1.16.0, 1.9.0)\n"
                "ERROR: No matching distribution found for six==9.9\n",
                "there is no version of 'six' that satisfies '==9.9' for Python 3.11\nhint: there are 1.16.0, 1.15.0, "
                "1.9.0, 1.0b1"},
        Failure{"ERROR: Could not find a version that satisfies the requirement six==9.9\n"
                "ERROR: No matching distribution found for six==9.9\n",
                "the package index has nothing for 'six==9.9' and Python 3.11\nhint: this pip does not say"},
        Failure{"WARNING: Retrying (Retry(total=4)) after connection broken by "
                "'NewConnectionError('<pip._vendor.urllib3>: Failed to "
                "establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/nunpy/\n"
                "ERROR: Could not find a version that satisfies the requirement nunpy (from versions: none)\n",
                "cannot reach the package index to install nunpy"},
        Failure{"pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pythonhosted.org', "
                "port=443): Read timed out.",
                "cannot reach 'files.pythonhosted.org' to install nunpy"},
        Failure{"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    six==1.17.0 from "
                "https://...:\n"
                "        Expected sha256 00\n             Got        47\n",
                "its hash is another one\nhint: expected sha256 00, got 47"},
        Failure{"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
                "cannot install nunpy: the disk is full"},
        Failure{"ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/ml/env/lib'\n",
                "there is no right to write to '/ml/env/lib'"},
        Failure{"ERROR: Cannot install idna<2 and requests==2.31.0 because these package versions have conflicting "
                "dependencies.\n\n"
                "The conflict is caused by:\n    The user requested idna<2\n    requests 2.31.0 depends on idna<4 and "
                ">=2.5\n\n"
                "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/\n",
                "hint: The user requested idna<2\nhint: requests 2.31.0 depends on idna<4 and >=2.5"},
        Failure{
            "error: subprocess-exited-with-error\n  src/x.c:1:10: fatal error: Python.h: No such file or directory\n"
            "  ERROR: Failed building wheel for mpi4py\n",
            "'mpi4py' has to be compiled here, and that failed\nhint: the compiler and Python's headers are in: "
            "python3-dev, build-essential"},
        Failure{"error: uninstall-no-record-file\n\n× Cannot uninstall PyYAML 6.0\n",
                "pip cannot replace 'PyYAML': it was not installed by pip"},
        Failure{"ERROR: torch-2.13.0-cp312-cp312-linux_x86_64.whl is not a supported wheel on this platform.\n",
                "the wheel 'torch-2.13.0-cp312-cp312-linux_x86_64.whl' is not for this machine"},
        Failure{"SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] host='pypi.org'",
                "the certificate of 'pypi.org' is not accepted"},
        Failure{"ERROR: Something that nobody has seen before\n", "pip says: Something that nobody has seen before"},
        Failure{"nothing of use", "'installing nunpy' failed with exit code 1"}));

}  // namespace
}  // namespace agent::pip
