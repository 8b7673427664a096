#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/python.hpp>

#include "../../support/fake_host.hpp"

namespace agent {
namespace {

using test::alice;
using test::FakeHost;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

FakeHost& with_interpreter(FakeHost& host, const std::string& version, const std::string& prefix = "/usr") {
  return host
      .with_file(prefix + "/bin/python" + version,
                 "\x7f"
                 "ELF",
                 0755)
      .with_link(prefix + "/bin/python3", "python" + version)
      .with_file(prefix + "/lib/python" + version + "/os.py", "");
}

FakeHost debian_with_python() {
  FakeHost host;
  with_interpreter(host, "3.11").with_file("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\n");
  host.with_directory("/usr/lib/python3/dist-packages");
  host.package_db().installed("python3.11", "3.11.2-6+deb12u6");
  return host;
}

FakeHost& with_venv(FakeHost& host, const std::string& system = "false", const std::string& made_by = "3.11.2") {
  const std::string minor = made_by.substr(0, made_by.rfind('.'));
  return host
      .with_file("/ml/env/pyvenv.cfg",
                 "home = /usr/bin\ninclude-system-site-packages = " + system + "\nversion = " + made_by + "\n")
      .with_link("/ml/env/bin/python3", "/usr/bin/python3")
      .with_link("/ml/env/bin/python", "python3")
      .with_link("/ml/env/lib64", "lib")
      .with_directory("/ml/env/lib/python" + minor + "/site-packages");
}

FakeHost& with_package(FakeHost& host, const Path& site, const std::string& name, const std::string& version,
                       const std::string& more = "") {
  const Path info = site / (name + "-" + version + ".dist-info");
  return host
      .with_file(info / "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n" + more)
      .with_file(info / "RECORD", "");
}

const Path venv_site = "/ml/env/lib/python3.11/site-packages";

TEST(VirtualEnvironment, IsReadFromItsFiles) {
  FakeHost host = debian_with_python();
  with_package(with_venv(host), venv_site, "ruamel.yaml", "0.18.6");
  const auto env = PythonEnvironment::in(host, "/ml/env");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->version(), "3.11");
  EXPECT_EQ(env->full_version(), "3.11.2");
  EXPECT_EQ(env->python(), "/ml/env/bin/python");
  EXPECT_EQ(env->interpreter(), "/usr/bin/python3.11");
  EXPECT_EQ(env->broken(), std::nullopt);
  EXPECT_FALSE(env->sees_system_packages());
  EXPECT_FALSE(env->externally_managed());
  EXPECT_THAT(env->sites(), ElementsAre(venv_site));
  ASSERT_TRUE(env->find("Ruamel_Yaml"));
  EXPECT_EQ(env->find("ruamel-yaml")->version, "0.18.6");
  EXPECT_TRUE(host.queried().empty());
}

TEST(VirtualEnvironment, IsNotWhatHasNoConfiguration) {
  FakeHost host = debian_with_python();
  host.with_link("/ml/env/bin/python", "/usr/bin/python3");
  EXPECT_FALSE(PythonEnvironment::in(host, "/ml/env"));
  EXPECT_FALSE(PythonEnvironment::in(host, "/nowhere"));
}

TEST(VirtualEnvironmentThatBroke, SaysThatItsPythonIsGone) {
  FakeHost host;
  with_venv(host);
  EXPECT_THAT(PythonEnvironment::in(host, "/ml/env")->broken(),
              Optional(std::string("its bin/python leads to '/usr/bin/python3', which does not exist")));
}

TEST(VirtualEnvironmentThatBroke, SaysThatItsPythonWasUpgraded) {
  FakeHost host = debian_with_python();
  with_venv(host, "false", "3.9.2");
  EXPECT_THAT(PythonEnvironment::in(host, "/ml/env")->broken(),
              Optional(std::string("it was made by Python 3.9, and its python is now 3.11 ('/usr/bin/python3.11')")));
}

TEST(VirtualEnvironmentThatBroke, SaysThatItNeverGotAPython) {
  FakeHost host;
  host.with_file("/ml/env/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
  EXPECT_THAT(PythonEnvironment::in(host, "/ml/env")->broken(), Optional(std::string("it has no bin/python")));
}

TEST(VirtualEnvironmentWithSystemPackages, SeesThemBehindItsOwn) {
  FakeHost host = debian_with_python();
  with_package(with_venv(host, "true"), venv_site, "numpy", "2.0.0");
  with_package(host, "/usr/lib/python3/dist-packages", "numpy", "1.24.2");
  with_package(host, "/usr/lib/python3/dist-packages", "torch", "1.13.1");
  const auto env = PythonEnvironment::in(host, "/ml/env");
  EXPECT_EQ(env->find("numpy")->version, "2.0.0");
  EXPECT_EQ(env->find("torch")->version, "1.13.1");
  EXPECT_TRUE(env->owns(*env->find("numpy")));
  EXPECT_FALSE(env->owns(*env->find("torch")));
}

TEST(SystemPython, IsKnownWithoutBeingStarted) {
  FakeHost host = debian_with_python();
  host.as(alice());
  const auto env = PythonEnvironment::of(host, "python3");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->interpreter(), "/usr/bin/python3.11");
  EXPECT_EQ(env->full_version(), "3.11.2");
  EXPECT_EQ(env->externally_managed(), Path("/usr/lib/python3.11/EXTERNALLY-MANAGED"));
  EXPECT_THAT(env->sites(),
              ElementsAre("/home/alice/.local/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages",
                          "/usr/lib/python3/dist-packages", "/usr/lib/python3.11/dist-packages"));
  EXPECT_EQ(env->site(), "/home/alice/.local/lib/python3.11/site-packages");
  EXPECT_EQ(env->markers().at("python_full_version"), "3.11.2");
  EXPECT_TRUE(host.queried().empty());
}

TEST(SystemPython, TakesRootsPackagesBesideTheDistributions) {
  FakeHost host = debian_with_python();
  EXPECT_EQ(PythonEnvironment::of(host, "3.11")->site(), "/usr/local/lib/python3.11/dist-packages");
  FakeHost other(test::fedora());
  with_interpreter(other, "3.12");
  EXPECT_EQ(PythonEnvironment::of(other, "python3")->site(), "/usr/local/lib/python3.12/site-packages");
}

TEST(SystemPython, IsTheOneThatAnEarlierTaskWouldInstall) {
  FakeHost host;
  host.package_db().installed("python3", "3.11.2-1+b1");
  const auto env = PythonEnvironment::of(host, "python3");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->version(), "3.11");
  EXPECT_EQ(env->python(), "/usr/bin/python3");
}

TEST(SystemPython, IsTheOneThatAnEarlierTaskWouldInstallAlsoByItsPath) {
  FakeHost host;
  host.package_db().installed("python3", "3.11.2-1+b1");
  const auto env = PythonEnvironment::of(host, "/usr/bin/python3");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->python(), "/usr/bin/python3");
}

TEST(SystemPython, IsUnknownWhileThePackageHasNoVersionYet) {
  FakeHost host;
  host.package_db().record({"python3", "", "amd64"});
  EXPECT_THROW(PythonEnvironment::of(host, "python3"), Unknown);
}

TEST(SystemPython, IsAbsentWhereNothingProvidesIt) {
  FakeHost host;
  EXPECT_FALSE(PythonEnvironment::of(host, "python3"));
  EXPECT_FALSE(PythonEnvironment::of(host, "3.13"));
  EXPECT_FALSE(PythonEnvironment::of(host, "/opt/none/bin/python"));
}

TEST(InterpreterElsewhere, IsReadFromItsOwnPrefix) {
  FakeHost host;
  with_interpreter(host, "3.12", "/opt/conda");
  const auto env = PythonEnvironment::of(host, "/opt/conda/bin/python3");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->version(), "3.12");
  EXPECT_EQ(env->site(), "/opt/conda/lib/python3.12/site-packages");
}

TEST(InterpreterBehindAShim, IsAskedItself) {
  FakeHost host;
  host.with_environment("PATH", "/shims:/usr/bin").with_file("/shims/python3", "#!/usr/bin/env bash\n", 0755);
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv.front() != "/shims/python3") return std::nullopt;
    return Output{.out = R"({"version": "3.11.7", "prefix": "/py/3.11.7", "base": "/py/3.11.7",
                             "program": "/py/3.11.7/bin/python3.11", "sites": ["/py/3.11.7/lib/python3.11/site-packages"]})"};
  });
  const auto env = PythonEnvironment::of(host, "python3");
  ASSERT_TRUE(env);
  EXPECT_EQ(env->version(), "3.11");
  EXPECT_EQ(env->full_version(), "3.11.7");
  EXPECT_EQ(env->site(), "/py/3.11.7/lib/python3.11/site-packages");
}

TEST(InstalledPackages, AreFoundInEveryFormThatPythonKnows) {
  FakeHost host = debian_with_python();
  with_venv(host);
  with_package(host, venv_site, "Modern_Name", "1.0+cu121");
  host.with_file(venv_site / "PyYAML-5.3.1.egg-info", "Name: PyYAML\nVersion: 5.3.1\n")
      .with_file(venv_site / "old-2.0-py3.11.egg-info/PKG-INFO", "Name: old\nVersion: 2.0\n")
      .with_file(venv_site / "easy-install.pth", "import sys\n# a comment\n/src/tool\n./zipped-3.0-py3.11.egg\n")
      .with_file("/src/tool/tool.egg-info/PKG-INFO", "Name: tool\nVersion: 0.1\n")
      .with_file("/src/tool/tool.egg-info/requires.txt", "six\n\n[fast:python_version < '3.12']\nnumba\n")
      .with_file(venv_site / "zipped-3.0-py3.11.egg/EGG-INFO/PKG-INFO", "Name: zipped\nVersion: 3.0\n")
      .with_file(venv_site / "~odern_name-0.9.dist-info/METADATA", "Name: modern-name\nVersion: 0.9\n");
  const auto env = PythonEnvironment::in(host, "/ml/env");
  Strings found;
  for (const auto& [name, package] : env->packages()) found.push_back(name + " " + package.version);
  EXPECT_THAT(found, ElementsAre("modern-name 1.0+cu121", "old 2.0", "pyyaml 5.3.1", "tool 0.1", "zipped 3.0"));
  EXPECT_THAT(env->metadata(*env->find("tool")).requires_dist,
              ElementsAre("six", "numba ; (python_version < '3.12') and extra == 'fast'"));
  EXPECT_TRUE(env->direct_url(*env->find("tool"))->editable);
}

TEST(InstalledPackages, SayWhatTheyRequireAndWhereTheyCameFrom) {
  FakeHost host = debian_with_python();
  with_package(with_venv(host), venv_site, "pandas", "2.1.0",
               "Requires-Python: >=3.9\nRequires-Dist: numpy>=1.23.2\nProvides-Extra: All_Extras\n"
               "Requires-Dist: xlrd; extra == 'excel'\n\nRequires-Dist: not a header any more\n");
  host.with_file(
      venv_site / "pandas-2.1.0.dist-info/direct_url.json",
      R"({"url": "https://host/pandas.git", "vcs_info": {"vcs": "git", "requested_revision": "v2", "commit_id": "1f"}})");
  const auto env = PythonEnvironment::in(host, "/ml/env");
  const auto said = env->metadata(*env->find("pandas"));
  EXPECT_THAT(said.requires_dist, ElementsAre("numpy>=1.23.2", "xlrd; extra == 'excel'"));
  EXPECT_THAT(said.extras, ElementsAre("all-extras"));
  EXPECT_EQ(said.requires_python, ">=3.9");
  const auto from = env->direct_url(*env->find("pandas"));
  ASSERT_TRUE(from);
  EXPECT_EQ(from->revision, "v2");
  EXPECT_FALSE(from->editable);
}

TEST(InstalledPackages, AreNotWholeWithoutARecord) {
  FakeHost host = debian_with_python();
  with_package(with_venv(host), venv_site, "whole", "1.0");
  host.with_file(venv_site / "half-1.0.dist-info/METADATA", "Name: half\nVersion: 1.0\n")
      .with_file(venv_site / "late-1.0.dist-info/METADATA", "Name: late\nVersion: 1.0\n")
      .with_file(venv_site / "late-1.0.dist-info/INSTALLER", "pip\n")
      .with_file(venv_site / "other-1.0.dist-info/METADATA", "Name: other\nVersion: 1.0\n")
      .with_file(venv_site / "other-1.0.dist-info/INSTALLER", "conda\n");
  const auto env = PythonEnvironment::in(host, "/ml/env");
  EXPECT_TRUE(env->is_whole(*env->find("whole")));
  EXPECT_FALSE(env->is_whole(*env->find("half")));
  EXPECT_FALSE(env->is_whole(*env->find("late")));
  EXPECT_TRUE(env->is_whole(*env->find("other")));
}

TEST(PredictedPackage, IsReadBackWithWhatIsKnownOfIt) {
  FakeHost host = debian_with_python();
  with_venv(host);
  for (const auto& [path, content] : predicted_package(venv_site, "Scikit_Learn", std::nullopt))
    host.with_file(path, content);
  for (const auto& [path, content] : predicted_package(venv_site, "torch", "2.13.0")) host.with_file(path, content);
  const auto env = PythonEnvironment::in(host, "/ml/env");
  ASSERT_TRUE(env->find("scikit-learn"));
  EXPECT_EQ(env->find("scikit-learn")->version, "");
  EXPECT_TRUE(env->metadata(*env->find("scikit-learn")).predicted);
  EXPECT_EQ(env->find("torch")->version, "2.13.0");
  EXPECT_TRUE(env->is_whole(*env->find("torch")));
}

TEST(PythonPrograms, AreListedNewestFirst) {
  FakeHost host = debian_with_python();
  host.with_file("/usr/local/bin/python3.9", "", 0755).with_file("/usr/bin/python3-config", "", 0755);
  EXPECT_THAT(python_programs(host), ElementsAre("python3.11", "python3.9"));
}

// ---- against the Python of this machine ---------------------------------------------------------------------------

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return text;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
  ::pclose(pipe);
  return text;
}

/// The part of the real machine that the reader looks at.
void copy_site(const Path& site, FakeHost& host) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(site, failed)) {
    const std::string name = entry.path().filename().string();
    const auto take = [&host](const Path& file) {
      std::ostringstream text;
      text << std::ifstream(file).rdbuf();
      host.with_file(file, text.str());
    };
    if (name.ends_with(".pth") || (name.ends_with(".egg-info") && entry.is_regular_file())) take(entry.path());
    if ((name.ends_with(".dist-info") || name.ends_with(".egg-info")) && entry.is_directory())
      for (const auto& file : std::filesystem::directory_iterator(entry.path()))
        if (file.is_regular_file()) take(file.path());
  }
}

TEST(SystemPythonOfThisMachine, HasThePackagesThatImportlibFinds) {
  const std::string said = output_of(
      "env -u PYTHONPATH HOME=/nonexistent /usr/bin/python3 -c \"import sys,importlib.metadata as m,re\n"
      "print('python%d.%d' % sys.version_info[:2]); seen = set()\n"
      "for d in m.distributions():\n"
      "  n = re.sub('[-_.]+','-',d.metadata['Name'] or '').lower()\n"
      "  if n and n not in seen: seen.add(n); print(n, d.version, len(d.requires or []))\" 2>/dev/null");
  if (said.empty()) GTEST_SKIP() << "there is no /usr/bin/python3 here";
  std::istringstream lines(said);
  std::string python, line;
  std::getline(lines, python);
  const bool debian_like = std::filesystem::exists("/usr/lib/python3/dist-packages");
  FakeHost host(debian_like ? test::debian() : test::fedora());
  with_interpreter(host, python.substr(6)).with_environment("HOME", "/nonexistent");
  if (debian_like) host.with_directory("/usr/lib/python3/dist-packages");
  const auto env = PythonEnvironment::of(host, "/usr/bin/python3");
  ASSERT_TRUE(env);
  for (const auto& site : env->sites()) copy_site(site, host);
  Strings expected, found;
  while (std::getline(lines, line)) expected.push_back(line);
  for (const auto& [name, package] : env->packages())
    found.push_back(name + " " + package.version + " " + std::to_string(env->metadata(package).requires_dist.size()));
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace agent
