#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/dnf_system.hpp>
#include <agent/host/process.hpp>

namespace agent {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A Fedora root with the real rpm and dnf of this machine, and a repository of toy packages.
class DnfOnARealRoot : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const char* tool : {"/usr/bin/rpmbuild", "/usr/bin/dnf", "/usr/bin/createrepo_c"})
      if (::access(tool, X_OK) != 0) return;
    if (::geteuid() != 0) return;
    char name[] = "/tmp/dnf-real-XXXXXX";
    base_ = new Path(::mkdtemp(name));
    root_ = new Path(*base_ / "root");
    for (const char* directory :
         {"root/etc/yum.repos.d", "root/etc/dnf", "root/var/lib/rpm", "root/tmp", "repo", "home"})
      std::filesystem::create_directories(*base_ / directory);
    write("home/.rpmmacros", "%_dbpath /var/lib/rpm\n");  // Debian keeps it in the home directory
    write("root/etc/os-release", "ID=fedora\nVERSION_ID=40\n");
    write("root/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n");
    write("root/etc/yum.repos.d/toys.repo",
          "[toys]\nname=toys\nbaseurl=file://" + (*base_ / "repo").string() + "\nenabled=1\ngpgcheck=0\n");
    build("toy", "1.0", "Epoch: 1\nProvides: plaything\n");
    build("toy", "2.0", "Epoch: 1\nProvides: plaything\n");
    build("needy", "1.0", "Requires: plaything\n");
    must({"createrepo_c", "-q", (*base_ / "repo").string()});
  }
  static void TearDownTestSuite() {
    if (base_) std::filesystem::remove_all(*base_);
    delete base_;
    delete root_;
    base_ = root_ = nullptr;
  }
  void SetUp() override {
    if (!base_) GTEST_SKIP() << "needs root, rpmbuild, dnf and createrepo_c";
  }

  static void write(const std::string& file, const std::string& text) { std::ofstream(*base_ / file) << text; }
  static Output run(const PackageCommand& asked) {
    Command command;
    command.argv = asked.argv;
    command.environment = {
        {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", (*base_ / "home").string()}, {"LC_ALL", "C"}};
    command.line = asked.line;
    command.status = asked.status;
    return agent::run(command).output;
  }
  static Output must(const Strings& argv) {
    Output output = run({.argv = argv});
    EXPECT_EQ(output.rc, 0) << output.err;
    return output;
  }
  static void build(const std::string& name, const std::string& version, const std::string& more) {
    write("toy.spec", "Name: " + name + "\nVersion: " + version +
                          "\nRelease: 1.fc40\nSummary: toy\nLicense: MIT\nBuildArch: noarch\n" + more +
                          "%description\ntoy\n%files\n");
    must({"rpmbuild", "-bb", "--quiet", "--define", "_topdir " + (*base_ / "top").string(), "--define",
          "_rpmdir " + (*base_ / "repo").string(), (*base_ / "toy.spec").string()});
  }
  static DnfSystem dnf(Strings* said = nullptr) {
    return DnfSystem({.root = *root_, .run = run, .progress = [said](const std::string& text, double) {
                        if (said) said->push_back(text);
                      }});
  }

  static Path* base_;
  static Path* root_;
};
Path* DnfOnARealRoot::base_ = nullptr;
Path* DnfOnARealRoot::root_ = nullptr;

TEST_F(DnfOnARealRoot, GoesThroughALifeOfAPackage) {
  Strings said;
  DnfSystem system = dnf(&said);
  const PackageDb& db = system.db();
  EXPECT_EQ(db.refreshed(), 0);
  system.perform(RefreshPackageIndex{});
  EXPECT_GT(db.refreshed(), 0);
  ASSERT_THAT(db.candidates("toy"), SizeIs(2));
  EXPECT_EQ(db.candidates("toy")[0].version, "1:2.0-1.fc40");
  EXPECT_THAT(db.candidates("plaything"), testing::Not(IsEmpty())) << "what packages provide is on offer too";
  EXPECT_THAT(db.similar("toys"), Contains("toy"));

  system.perform(InstallPackages{.requests = {"toy=1:1.0-1.fc40"}});
  ASSERT_THAT(db.find("toy"), SizeIs(1));
  EXPECT_EQ(db.find("toy")[0], (Package{.name = "toy", .version = "1:1.0-1.fc40", .architecture = "noarch"}));
  EXPECT_EQ(db.find("toy.noarch"), db.find("toy"));
  EXPECT_EQ(db.find("t?y"), db.find("toy"));
  EXPECT_THAT(db.find("plaything"), IsEmpty());
  EXPECT_THAT(db.providers("plaything"), ElementsAre("toy"));
  EXPECT_THAT(said, Contains(HasSubstr("Installing toy")));

  system.perform(InstallPackages{.requests = {"needy"}});
  EXPECT_THAT(db.find("needy"), SizeIs(1));
  system.perform(InstallPackages{.requests = {"toy"}, .options = {.only_upgrade = true}});
  EXPECT_EQ(db.find("toy").at(0).version, "1:2.0-1.fc40");
  EXPECT_THAT(db.interrupted(), IsEmpty());

  must({"rpm", "--root", root_->string(), "-U", "--oldpackage",
        (*base_ / "repo/noarch/toy-1.0-1.fc40.noarch.rpm").string()});
  system.perform(InstallPackages{.requests = {"toy"}});
  EXPECT_EQ(db.find("toy").at(0).version, "1:2.0-1.fc40") << "asked for where an older one is there";

  system.perform(RemovePackages{.names = {"needy"}});
  EXPECT_THAT(db.find("needy"), IsEmpty());
  EXPECT_THAT(db.find("toy"), SizeIs(1)) << "what it needed stays, unless autoremove is asked";

  // An upgrade that was cut off leaves the old version beside the new one.
  must({"rpm", "--root", root_->string(), "-i", "--nodeps", "--force",
        (*base_ / "repo/noarch/toy-1.0-1.fc40.noarch.rpm").string()});
  ASSERT_THAT(db.interrupted(), SizeIs(1));
  EXPECT_EQ(db.interrupted()[0].version, "1:1.0-1.fc40");
  system.perform(RepairPackages{});
  EXPECT_THAT(db.interrupted(), IsEmpty());
  EXPECT_EQ(db.find("toy").at(0).version, "1:2.0-1.fc40");

  // The rpm command says the same as the database that was read without it.
  PackageContext context{.root = *root_, .run = run};
  const auto asked = ask_rpm(context)->named("toy");
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].package(), db.find("toy").at(0));
  EXPECT_EQ(ask_rpm(context)->names(), open_rpm_sqlite(*root_)->names());
}

/// All files below the root, and when each was written or changed last.
std::map<std::string, std::string> state_of(const Path& root) {
  std::map<std::string, std::string> state;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    struct stat info {};
    ::lstat(entry.path().c_str(), &info);
    // rpm's own database marks its readers in a file of shared memory.
    if (entry.path().extension() == ".sqlite-shm" || entry.path() == root / "tmp") continue;
    state[entry.path()] = std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " +
                          std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
  }
  return state;
}

TEST_F(DnfOnARealRoot, IsAskedWithoutLeavingATrace) {
  DnfSystem system = dnf();
  system.perform(RefreshPackageIndex{});
  must({"sh", "-c", "rm -f " + (*root_ / "var/log").string() + "/*"});
  const auto before = state_of(*root_);
  EXPECT_THAT(system.db().candidates("toy"), SizeIs(2));
  EXPECT_THAT(system.db().similar("toys"), Contains("toy"));
  EXPECT_EQ(state_of(*root_), before);
}

TEST_F(DnfOnARealRoot, SaysWhatDoesNotExistAndWhatIsNear) {
  DnfSystem system = dnf();
  system.perform(RefreshPackageIndex{});
  try {
    system.perform(InstallPackages{.requests = {"nedy"}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "installing nedy failed: no package matches 'nedy'");
    EXPECT_THAT(error.hints(), Contains("names that exist: needy"));
  }
}

TEST_F(DnfOnARealRoot, FailsWhenARepositoryDoesNotAnswer) {
  write("root/etc/yum.repos.d/broken.repo",
        "[broken]\nname=broken\nbaseurl=file:///nonexistent/repo\nenabled=1\nskip_if_unavailable=1\n");
  DnfSystem system = dnf();
  try {
    system.perform(RefreshPackageIndex{});
    ADD_FAILURE() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("'broken'"));
  }
  std::filesystem::remove(*root_ / "etc/yum.repos.d/broken.repo");
}

}  // namespace
}  // namespace agent
