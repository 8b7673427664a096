#include "jupyter_kernel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>

namespace agent::jupyter_kernel {
namespace {

using test::alice;
using test::expect_laws;
using test::FakeHost;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Path site = "/ml/env/lib/python3.11/site-packages";
const Path kernels = "/home/alice/.local/share/jupyter/kernels";

/// What ipykernel 6.29 wrote on a real machine.
std::string kernel_json(const std::string& python, const std::string& shown, const std::string& env = "") {
  return "{\n \"argv\": [\n  \"" + python +
         "\",\n  \"-Xfrozen_modules=off\",\n  \"-m\",\n  \"ipykernel_launcher\",\n  \"-f\",\n  \"{connection_file}\"\n "
         "],\n"
         " \"display_name\": \"" +
         shown + "\",\n \"language\": \"python\",\n \"metadata\": {\n  \"debugger\": true\n }" +
         (env.empty() ? "" : ",\n \"env\": " + env) + "\n}";
}

FakeHost machine(const std::string& package = "ipykernel") {
  FakeHost host;
  host.as(alice())
      .with_file("/usr/bin/python3.11", "", 0755)
      .with_link("/usr/bin/python3", "python3.11")
      .with_file("/usr/lib/python3.11/os.py", "")
      .with_file("/ml/env/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
      .with_link("/ml/env/bin/python", "/usr/bin/python3")
      .with_directory(site);
  if (!package.empty())
    host.with_file(site / (package + "-6.29.5.dist-info/METADATA"), "Name: " + package + "\nVersion: 6.29.5\n")
        .with_file(site / (package + "-6.29.5.dist-info/RECORD"), "");
  return host;
}

Args args(Map more = {}) {
  Map map{{"name", "ML"}, {"venv", "/ml/env"}, {"display_name", "Python (ml)"}};
  map.merge(more);
  return arguments().spec().check(map);
}

std::string refusal(const Args& wanted, const FakeHost& host) {
  try {
    any()->check(wanted, host);
  } catch (const Error& error) {
    return error.message() + (error.hints().empty() ? "" : "\nhint: " + error.hints().front());
  }
  return "no error";
}

TEST(JupyterKernelThatIsMissing, IsRegisteredForTheUser) {
  FakeHost host = machine();
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_THAT(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv,
              ElementsAre("/ml/env/bin/python", "-m", "ipykernel", "install", "--user", "--name=ml",
                          "--display-name=Python (ml)"));
  EXPECT_THAT(plan.steps[0].changes,
              ElementsAre(Change{"jupyter kernel ml", std::nullopt, "Python (ml) (/ml/env/bin/python)"}));
  EXPECT_EQ(plan.result.find("path")->string(), kernels / "ml");
}

TEST(JupyterKernelThatIsMissing, GoesWhereItIsWanted) {
  FakeHost host = machine();
  expect_laws(*any(), args({{"user", false}}), host);
  EXPECT_TRUE(host.stat("/usr/local/share/jupyter/kernels/ml/kernel.json"));
  expect_laws(*any(), args({{"prefix", "/opt/jupyter"}}), host);
  EXPECT_TRUE(host.stat("/opt/jupyter/share/jupyter/kernels/ml/kernel.json"));
  expect_laws(*any(), args({{"sys_prefix", true}, {"env", Map{{"A", "b c"}}}}), host);
  EXPECT_THAT(host.content("/ml/env/share/jupyter/kernels/ml/kernel.json"), HasSubstr("\"A\": \"b c\""));
}

TEST(JupyterKernelThatIsMissing, NeedsIpykernelInItsEnvironment) {
  EXPECT_EQ(refusal(args(), machine("")),
            "there is no ipykernel in '/ml/env', so it cannot be a kernel of Jupyter\n"
            "hint: pip: {name: ipykernel, virtualenv: /ml/env} installs it");
}

TEST(JupyterKernelInADryRun, TrustsThatJupyterBringsIpykernel) {
  FakeHost host = machine("");
  for (const auto& [path, content] : predicted_package(site, "jupyter", std::nullopt)) host.with_file(path, content);
  expect_laws(*any(), args(), host);
}

TEST(JupyterKernelInADryRun, IsUnknownBehindOtherPredictedPackages) {
  FakeHost host = machine("");
  for (const auto& [path, content] : predicted_package(site, "something", std::nullopt)) host.with_file(path, content);
  EXPECT_THROW(any()->check(args(), host), Unknown);
}

TEST(JupyterKernelThatIsThere, IsLeftAlone) {
  FakeHost host = machine();
  host.with_file(kernels / "ml/kernel.json", kernel_json("/ml/env/bin/python", "Python (ml)", R"({"A": "b"})"));
  EXPECT_THAT(expect_laws(*any(), args(), host).steps, IsEmpty());
  EXPECT_THAT(expect_laws(*any(), args({{"env", Map{{"A", "b"}}}}), host).steps, IsEmpty());
}

TEST(JupyterKernelThatDiffers, SaysInWhat) {
  FakeHost host = machine();
  host.with_file("/other/bin/python", "", 0755);
  host.with_file(kernels / "ml/kernel.json", kernel_json("/other/bin/python", "Old", R"({"A": "b"})"));
  const Plan plan = expect_laws(*any(), args({{"env", Map{{"A", "c"}}}}), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{"jupyter kernel ml python", "/other/bin/python", "/ml/env/bin/python"},
                          Change{"jupyter kernel ml display_name", "Old", "Python (ml)"},
                          Change{"jupyter kernel ml env", "A=b", "A=c"}));
}

TEST(JupyterKernelThatDiffers, KeepsItsVariablesWhereNoneAreAskedFor) {
  FakeHost host = machine();
  host.with_file(kernels / "ml/kernel.json", kernel_json("/ml/env/bin/python", "Old", R"({"A": "b"})"));
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_THAT(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv, ::testing::IsSupersetOf({"--env", "A", "b"}));
}

TEST(JupyterKernelWhosePythonIsGone, IsReplacedAndSaysSo) {
  FakeHost host = machine();
  host.with_file(kernels / "ml/kernel.json", kernel_json("/gone/bin/python", "Python (ml)"));
  const Plan plan = expect_laws(*any(), args(), host);
  EXPECT_THAT(
      plan.steps.at(0).changes,
      ElementsAre(Change{"jupyter kernel ml python", "/gone/bin/python, which does not exist", "/ml/env/bin/python"}));
}

TEST(JupyterKernelWhosePythonIsGone, IsNamedWhenItIsAnother) {
  FakeHost host = machine();
  host.with_file(kernels / "old/kernel.json", kernel_json("/gone/bin/python", "Old"));
  EXPECT_THAT(
      expect_laws(*any(), args(), host).notes,
      ElementsAre("kernel 'old' starts '/gone/bin/python', which does not exist; jupyter_kernel: {name: old, state: "
                  "absent} removes it"));
}

TEST(JupyterKernelThatCannotBeRead, IsReplaced) {
  FakeHost host = machine();
  host.with_file(kernels / "ml/kernel.json", "{ not json");
  EXPECT_THAT(expect_laws(*any(), args(), host).steps.at(0).changes,
              ElementsAre(Change{"jupyter kernel ml", "a kernel.json that cannot be read", "Python (ml)"}));
}

TEST(JupyterKernelThatIsUnwanted, IsRemovedWithoutAnEnvironment) {
  FakeHost host = machine();
  host.with_file(kernels / "ml/kernel.json", kernel_json("/gone/bin/python", "Python (ml)"));
  const Args gone = arguments().spec().check({{"name", "ml"}, {"state", "absent"}});
  EXPECT_THAT(expect_laws(*any(), gone, host).steps.at(0).actions, ElementsAre(Action(RemovePath{kernels / "ml"})));
  EXPECT_THAT(expect_laws(*any(), gone, host).steps, IsEmpty());
}

TEST(JupyterKernelWithWrongArguments, SaysWhatIsWrong) {
  EXPECT_THAT(refusal(args({{"name", "my kernel"}}), machine()),
              HasSubstr("'my kernel' cannot be the name of a kernel"));
  EXPECT_THAT(refusal(args({{"name", "../x"}}), machine()), HasSubstr("cannot be the name of a kernel"));
  EXPECT_THAT(refusal(args({{"venv", "/none"}}), machine()), HasSubstr("there is no virtual environment '/none'"));
  EXPECT_THAT(refusal(arguments().spec().check({{"name", "x"}}), machine()), HasSubstr("needs 'venv' or 'python'"));
  FakeHost broken = machine();
  broken.with_link("/ml/env/bin/python", "/usr/bin/python3.9");
  EXPECT_THAT(refusal(args(), broken),
              HasSubstr("'/ml/env' cannot be a kernel: its bin/python leads to '/usr/bin/python3.9'"));
}

}  // namespace
}  // namespace agent::jupyter_kernel
