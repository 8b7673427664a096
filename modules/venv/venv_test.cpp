#include "venv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/mock_host.hpp>

#include "arguments.hpp"

namespace agent::venv {
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

const Path site = "/home/alice/ml/env/lib/python3.11/site-packages";

FakeHost debian_for_alice(bool with_ensurepip = true) {
  FakeHost host;
  host.as(alice())
      .with_file("/usr/bin/python3.11", "", 0755)
      .with_link("/usr/bin/python3", "python3.11")
      .with_file("/usr/lib/python3.11/os.py", "")
      .with_directory("/usr/lib/python3/dist-packages");
  host.package_db().installed("python3.11", "3.11.2-6+deb12u6").installed("python3", "3.11.2-1+b1");
  if (with_ensurepip)
    host.with_file("/usr/lib/python3.11/ensurepip/__init__.py", "")
        .with_file("/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl", "");
  return host;
}

FakeHost& with_package(FakeHost& host, const std::string& name, const std::string& version) {
  const Path info = site / (name + "-" + version + ".dist-info");
  return host.with_file(info / "METADATA", "Name: " + name + "\nVersion: " + version + "\n")
      .with_file(info / "RECORD", "");
}

FakeHost with_environment(const std::string& pip = "23.0.1") {
  FakeHost host = debian_for_alice();
  host.with_file(
          "/home/alice/ml/env/pyvenv.cfg",
          "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\nexecutable = /usr/bin/python3.11\n")
      .with_link("/home/alice/ml/env/bin/python", "python3")
      .with_link("/home/alice/ml/env/bin/python3", "/usr/bin/python3")
      .with_directory(site);
  if (!pip.empty()) with_package(host, "pip", pip);
  return host;
}

Map args(Map more = {}) {
  Map map{{"path", "~/ml/env"}};
  map.merge(more);
  return arguments().spec().check(map);
}

std::string message_of(const Args& arguments, FakeHost& host) {
  try {
    debian()->check(arguments, host);
  } catch (const Error& error) {
    std::string text = error.message();
    for (const auto& hint : error.hints()) text += "\nhint: " + hint;
    return text;
  }
  return "no error";
}

std::vector<Strings> commands(const Plan& plan) {
  std::vector<Strings> argvs;
  for (const auto& step : plan.steps)
    for (const auto& action : step.actions)
      if (const auto* exec = std::get_if<Exec>(&action)) argvs.push_back(exec->argv);
  return argvs;
}

TEST(VenvOnAFreshMachine, MakesTheEnvironment) {
  FakeHost host = debian_for_alice();
  const Plan plan = expect_laws(*debian(), args(), host);
  EXPECT_THAT(commands(plan), ElementsAre(Strings{"/usr/bin/python3", "-m", "venv", "/home/alice/ml/env"}));
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"virtual environment /home/alice/ml/env", std::nullopt, "Python 3.11"}));
  EXPECT_EQ(plan.result.find("python")->string(), "/home/alice/ml/env/bin/python");
  EXPECT_EQ(plan.result.find("version")->string(), "3.11");
}

TEST(VenvOnAFreshMachine, LetsLaterTasksSeeWhatItWouldMake) {
  FakeHost host = debian_for_alice();
  debian()->apply(debian()->check(args({{"system_site_packages", true}}), host), host);
  const auto env = PythonEnvironment::in(host, "/home/alice/ml/env");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->broken(), std::nullopt);
  EXPECT_EQ(env->version(), "3.11");
  EXPECT_TRUE(env->sees_system_packages());
  EXPECT_EQ(env->find("pip")->version, "23.0.1");
}

TEST(VenvOnAFreshMachine, UpgradesPipAndSeedsPackagesInTheSameStep) {
  FakeHost host = debian_for_alice();
  const Plan plan = expect_laws(*debian(),
                                args({{"upgrade_pip", true},
                                      {"prompt", "ml"},
                                      {"system_site_packages", true},
                                      {"packages", Strings{"wheel", "six>=1.16 ; python_version < '3'"}}}),
                                host);
  EXPECT_THAT(commands(plan),
              ElementsAre(Strings{"/usr/bin/python3", "-m", "venv", "--system-site-packages", "--prompt", "ml",
                                  "/home/alice/ml/env"},
                          Strings{"/home/alice/ml/env/bin/python", "-m", "pip", "install", "--upgrade", "--", "pip"},
                          Strings{"/home/alice/ml/env/bin/python", "-m", "pip", "install", "--", "wheel"}));
}

TEST(VenvOnAFreshMachine, NamesThePackageThatBringsEnsurepip) {
  FakeHost host = debian_for_alice(false);
  EXPECT_EQ(message_of(args(), host),
            "'/usr/bin/python3' has no ensurepip, so it cannot give a virtual environment its pip\n"
            "hint: package 'python3.11-venv' brings it: apt: {name: python3.11-venv}");
}

TEST(VenvOnAFreshMachine, TrustsAPackageThatAnEarlierTaskWouldInstall) {
  FakeHost host = debian_for_alice(false);
  host.package_db().installed("python3-venv", "3.11.2-1+b1");
  expect_laws(*debian(), args(), host);
}

TEST(VenvOnAFreshMachine, SaysWhichPythonsThereAre) {
  FakeHost host = debian_for_alice();
  EXPECT_EQ(message_of(args({{"python", "3.13"}}), host),
            "there is no '3.13' in PATH\nhint: there are: python3.11\n"
            "hint: apt: {name: python3.13} brings it, where the distribution has that version");
}

TEST(VenvOnAFreshMachine, LeavesADirectoryWithOtherThingsAlone) {
  FakeHost host = debian_for_alice();
  host.with_file("/home/alice/ml/env/thesis.tex", "precious");
  EXPECT_THAT(message_of(args(), host), HasSubstr("is there and no virtual environment"));
  EXPECT_THAT(message_of(args({{"state", "absent"}}), host), HasSubstr("so it was not removed"));
}

TEST(VenvThatExists, IsLeftAlone) {
  FakeHost host = with_environment();
  EXPECT_THAT(expect_laws(*debian(), args({{"python", "3.11"}}), host).steps, IsEmpty());
  EXPECT_THAT(host.queried(), IsEmpty());
}

TEST(VenvThatExists, GetsItsMissingPip) {
  FakeHost host = with_environment("");
  EXPECT_THAT(commands(expect_laws(*debian(), args(), host)),
              ElementsAre(Strings{"/home/alice/ml/env/bin/python", "-m", "ensurepip", "--upgrade", "--default-pip"}));
}

TEST(VenvThatExists, ChangesTheViewOfSystemPackagesInPlace) {
  FakeHost host = with_environment();
  const Plan plan = expect_laws(*debian(), args({{"system_site_packages", true}}), host);
  EXPECT_EQ(
      host.content("/home/alice/ml/env/pyvenv.cfg"),
      "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.11.2\nexecutable = /usr/bin/python3.11\n");
  EXPECT_EQ(plan.steps.size(), 1u);
}

TEST(VenvThatExists, GetsAnotherPromptWithoutLosingItsPackages) {
  FakeHost host = with_environment();
  EXPECT_THAT(commands(expect_laws(*debian(), args({{"prompt", "train"}}), host)),
              ElementsAre(Strings{"/home/alice/ml/env/bin/python", "-m", "venv", "--without-pip", "--prompt", "train",
                                  "/home/alice/ml/env"}));
}

TEST(VenvThatExists, InstallsOnlyTheSeedsThatAreMissing) {
  FakeHost host = with_environment();
  with_package(with_package(host, "wheel", "0.45.1"), "setuptools", "66.1.1");
  EXPECT_THAT(commands(expect_laws(*debian(), args({{"packages", Strings{"wheel", "setuptools>=70"}}}), host)),
              ElementsAre(Strings{"/home/alice/ml/env/bin/python", "-m", "pip", "install", "--", "setuptools>=70"}));
}

TEST(VenvWithUpgradePip, ReplacesThePipThatCameWithPython) {
  FakeHost host = with_environment("23.0.1");
  host.answers({"/home/alice/ml/env/bin/python", "-m", "pip", "index", "versions", "pip"},
               {.out = "pip (26.3)\nAvailable versions: 26.3, 26.2\n"});
  const Plan plan = expect_laws(*debian(), args({{"upgrade_pip", true}}), host);
  EXPECT_THAT(commands(plan),
              ElementsAre(Strings{"/home/alice/ml/env/bin/python", "-m", "pip", "install", "--upgrade", "--", "pip"}));
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"python package pip", "23.0.1", "newest"}));
}

TEST(VenvWithUpgradePip, IsContentWithAnyOtherPipAndAsksNobody) {
  FakeHost host = with_environment("24.0");
  EXPECT_THAT(expect_laws(*debian(), args({{"upgrade_pip", true}}), host).steps, IsEmpty());
  EXPECT_THAT(host.queried(), IsEmpty());
}

TEST(VenvWithUpgradePip, IsContentWhenPythonCameWithTheNewest) {
  FakeHost host = with_environment("23.0.1");
  host.answers({"/home/alice/ml/env/bin/python", "-m", "pip", "index", "versions", "pip"}, {.out = "pip (23.0.1)\n"});
  EXPECT_THAT(expect_laws(*debian(), args({{"upgrade_pip", true}}), host).steps, IsEmpty());
}

TEST(VenvWithUpgradePip, TakesAMinimumToo) {
  FakeHost host = with_environment("24.0");
  EXPECT_THAT(expect_laws(*debian(), args({{"upgrade_pip", ">=23"}}), host).steps, IsEmpty());
  EXPECT_THAT(commands(expect_laws(*debian(), args({{"upgrade_pip", ">=25"}}), host)),
              ElementsAre(Contains("pip>=25")));
  EXPECT_THAT(message_of(args({{"upgrade_pip", "newest"}}), host), HasSubstr("'newest' is no version of pip"));
}

TEST(VenvThatBroke, IsReportedAndLeftAlone) {
  FakeHost host = with_environment();
  host.with_link("/home/alice/ml/env/bin/python3", "/usr/bin/python3.9");
  EXPECT_EQ(message_of(args(), host),
            "the virtual environment '/home/alice/ml/env' is broken: its bin/python leads to '/usr/bin/python3.9', "
            "which does not exist\nhint: clear: true rebuilds it, and deletes the packages in it");
}

TEST(VenvThatBroke, IsRebuiltWithLeave) {
  FakeHost host = with_environment();
  host.with_link("/home/alice/ml/env/bin/python3", "/usr/bin/python3.9");
  const Plan plan = expect_laws(*debian(), args({{"clear", true}}), host);
  EXPECT_EQ(plan.steps[0].actions[0], Action(RemovePath{"/home/alice/ml/env"}));
  EXPECT_THAT(*plan.steps[0].changes[0].before, HasSubstr("broken"));
}

TEST(VenvOfAnotherPython, IsRebuiltOnlyWithLeave) {
  FakeHost host = with_environment();
  host.with_file("/opt/py/bin/python3.12", "", 0755)
      .with_file("/opt/py/lib/python3.12/os.py", "")
      .with_file("/opt/py/lib/python3.12/ensurepip/__init__.py", "")
      .with_file("/opt/py/lib/python3.12/ensurepip/_bundled/pip-24.0-py3-none-any.whl", "")
      .answers({"/opt/py/bin/python3.12", "-c", "import platform;print(platform.python_version())"},
               {.out = "3.12.4\n"});
  EXPECT_THAT(message_of(args({{"python", "/opt/py/bin/python3.12"}}), host),
              HasSubstr("is another one than asked for: it has Python 3.11, and Python 3.12 is asked for"));
  const Plan plan = expect_laws(*debian(), args({{"python", "/opt/py/bin/python3.12"}, {"clear", true}}), host);
  EXPECT_THAT(commands(plan), ElementsAre(Strings{"/opt/py/bin/python3.12", "-m", "venv", "/home/alice/ml/env"}));
}

TEST(VenvWithClear, NeverRebuildsOneThatIsAsItShouldBe) {
  FakeHost host = with_environment();
  EXPECT_THAT(expect_laws(*debian(), args({{"clear", true}}), host).steps, IsEmpty());
}

TEST(VenvThatIsUnwanted, IsRemovedWhole) {
  FakeHost host = with_environment();
  const Plan plan = expect_laws(*debian(), args({{"state", "absent"}}), host);
  EXPECT_EQ(plan.steps[0].actions, std::vector<Action>{RemovePath{"/home/alice/ml/env"}});
  EXPECT_THAT(expect_laws(*debian(), args({{"state", "absent"}}), host).steps, IsEmpty());
}

TEST(VenvWhoseCreationFails, TakesAwayWhatWasMade) {
  NiceMock<MockHost> host(debian_for_alice());
  const Plan plan = debian()->check(args(), host);
  EXPECT_CALL(host, perform).WillRepeatedly([&](const Action& action) -> Output {
    if (!std::holds_alternative<Exec>(action)) return host.fake.perform(action);
    host.fake.with_file("/home/alice/ml/env/pyvenv.cfg", "home = /usr/bin\n");
    throw Error("'python3 -m venv' failed with exit code 1")
        .with({{"rc", 1}, {"stdout", "Error: [Errno 28] No space left on device"}});
  });
  try {
    debian()->apply(plan, host);
    FAIL() << "the failure was lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot make the virtual environment '/home/alice/ml/env': the disk is full");
  }
  EXPECT_FALSE(host.fake.stat("/home/alice/ml"));
  EXPECT_TRUE(host.fake.stat("/home/alice"));
}

TEST(VenvWhoseCreationFails, KeepsWhatWasThereBefore) {
  FakeHost machine = debian_for_alice();
  machine.with_directory("/home/alice/ml/env", 0755, "alice");
  NiceMock<MockHost> host(std::move(machine));
  const Plan plan = debian()->check(args(), host);
  EXPECT_CALL(host, perform).WillRepeatedly([&](const Action& action) -> Output {
    if (!std::holds_alternative<Exec>(action)) return host.fake.perform(action);
    host.fake.with_file("/home/alice/ml/env/pyvenv.cfg", "home = /usr/bin\n");
    throw Error("'python3 -m venv' failed with exit code 1");
  });
  EXPECT_THROW(debian()->apply(plan, host), Error);
  EXPECT_THAT(host.fake.list("/home/alice/ml/env"), IsEmpty());
  EXPECT_TRUE(host.fake.stat("/home/alice/ml/env"));
}

TEST(VenvOnFedora, NeedsNoFurtherPackage) {
  FakeHost host(test::fedora());
  host.with_file("/usr/bin/python3.12", "", 0755)
      .with_link("/usr/bin/python3", "python3.12")
      .with_file("/usr/lib64/python3.12/os.py", "")
      .with_file("/usr/lib64/python3.12/ensurepip/__init__.py", "")
      .with_file("/usr/share/python-wheels/pip-23.3.2-py3-none-any.whl", "");
  host.package_db().installed("python3", "3.12.3-2.fc40", "x86_64");
  const Plan plan = expect_laws(*fedora(), args({{"path", "/opt/env"}}), host);
  EXPECT_EQ(plan.result.find("version")->string(), "3.12");
}

}  // namespace
}  // namespace agent::venv
