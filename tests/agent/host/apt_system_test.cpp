#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/apt_system.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A root directory of its own, and tools that say what they are told.
class AptOnAFakeMachine : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/apt-system-XXXXXX";
    root_ = ::mkdtemp(name);
    for (const char* directory : {"var/lib/dpkg/updates", "var/lib/apt/lists", "usr/sbin", "etc/apt"})
      std::filesystem::create_directories(root_ / directory);
    status("install ok installed");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const Path& file, const std::string& text) { std::ofstream(root_ / file) << text; }
  void status(const std::string& state) {
    write("var/lib/dpkg/status.new", "Package: toy\nStatus: " + state + "\nArchitecture: amd64\nVersion: 1.0\n\n");
    std::filesystem::rename(root_ / "var/lib/dpkg/status.new", root_ / "var/lib/dpkg/status");
  }
  AptSystem apt() {
    return AptSystem({.root = root_,
                      .run =
                          [this](const PackageCommand& command) {
                            ran_.push_back(text::joined(command.argv, " "));
                            environment_ = command.environment;
                            if (!answers_) return Output{};
                            return answers_(command);
                          },
                      .progress = [this](const std::string& text, double) { said_.push_back(text); }});
  }

  Path root_;
  std::function<Output(const PackageCommand&)> answers_;
  Strings ran_, said_;
  Environment environment_;
};

TEST_F(AptOnAFakeMachine, InstallsUnattended) {
  AptSystem system = apt();
  system.perform(InstallPackages{.requests = {"vim=2:9.0", "git"}});
  ASSERT_THAT(ran_, SizeIs(1));
  EXPECT_THAT(ran_[0], AllOf(testing::StartsWith("apt-get -y "), testing::EndsWith(" install -- vim=2:9.0 git"),
                             HasSubstr("Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold")));
  EXPECT_EQ(environment_["DEBIAN_FRONTEND"], "noninteractive");
}

TEST_F(AptOnAFakeMachine, PassesOptionsOn) {
  AptSystem system = apt();
  PackageOptions options;
  options.recommends = false;
  options.default_release = "bookworm-backports";
  options.allow_downgrade = options.allow_held = options.allow_unauthenticated = options.only_upgrade = true;
  options.autoremove = true;
  options.dpkg_options = {"force-confnew"};
  options.extra = {"-o", "X=1"};
  system.perform(InstallPackages{.requests = {"vim"}, .options = options});
  EXPECT_THAT(ran_[0], AllOf(HasSubstr("APT::Install-Recommends=no"), HasSubstr("-t bookworm-backports"),
                             HasSubstr("--allow-downgrades"), HasSubstr("--allow-change-held-packages"),
                             HasSubstr("--allow-unauthenticated"), HasSubstr("--only-upgrade"),
                             HasSubstr("--auto-remove"), HasSubstr("=--force-confnew"), HasSubstr("-o X=1")));
}

TEST_F(AptOnAFakeMachine, TellsHowFarItIs) {
  answers_ = [](const PackageCommand& command) {
    command.status("dlstatus:1:50.0:Retrieving file 1 of 2");
    command.status("pmstatus:vim:20.0:Unpacking vim (amd64)");
    command.status("noise");
    return Output{};
  };
  AptSystem system = apt();
  system.perform(InstallPackages{.requests = {"vim"}});
  EXPECT_THAT(said_, ElementsAre("installing vim", "Retrieving file 1 of 2", "Unpacking vim (amd64)"));
}

TEST_F(AptOnAFakeMachine, FailsWithThePackageThatAptReported) {
  answers_ = [](const PackageCommand& command) {
    command.status(
        "pmerror:toy:60.0:installed toy package post-installation script subprocess returned error exit status 9");
    return Output{.rc = 100};
  };
  AptSystem system = apt();
  try {
    system.perform(InstallPackages{.requests = {"toy"}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "installing toy failed: package 'toy': its post-installation script failed with exit status 9");
  }
}

TEST_F(AptOnAFakeMachine, FetchesAnIndexThatWasOutOfDateAndTriesAgain) {
  int installs = 0;
  answers_ = [&](const PackageCommand& command) {
    if (command.argv[1] == "update") return Output{};
    if (++installs == 1)
      return Output{
          .rc = 100,
          .err =
              "E: Failed to fetch http://d/pool/vim_9.deb  404  Not Found [IP: 1.2.3.4 80]\nE: Unable to fetch "
              "some archives, maybe run apt-get update or try with --fix-missing?\n"};
    return Output{};
  };
  AptSystem system = apt();
  system.perform(InstallPackages{.requests = {"vim"}});
  EXPECT_EQ(installs, 2);
  EXPECT_THAT(ran_, SizeIs(3));
}

TEST_F(AptOnAFakeMachine, AnswersAWrongNameWithNamesThatExist) {
  answers_ = [](const PackageCommand& command) {
    if (command.argv[0] == "apt-cache") return Output{.out = "vim\nvim-tiny\nemacs\n"};
    return Output{.rc = 100, .err = "E: Unable to locate package vmi\n"};
  };
  AptSystem system = apt();
  try {
    system.perform(InstallPackages{.requests = {"vmi"}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "installing vmi failed: Unable to locate package vmi");
    EXPECT_THAT(error.hints(), Contains(HasSubstr("update_cache")));
  }
}

TEST_F(AptOnAFakeMachine, AnswersAWrongVersionWithVersionsThatExist) {
  answers_ = [](const PackageCommand& command) {
    if (command.argv[0] == "apt-cache")
      return Output{.out =
                        "vim:\n  Installed: (none)\n  Candidate: 2:9.0\n  Version table:\n     2:9.0 500\n        500 "
                        "http://d bookworm/main amd64 Packages\n"};
    return Output{.rc = 100, .err = "E: Version '1' for 'vim' was not found\n"};
  };
  AptSystem system = apt();
  try {
    system.perform(InstallPackages{.requests = {"vim=1"}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.hints(), Contains("versions that exist: 2:9.0"));
  }
}

TEST_F(AptOnAFakeMachine, TakesAFailedUpdateForAFailureThoughAptSaysZero) {
  answers_ = [](const PackageCommand&) {
    return Output{.rc = 0, .out = "Err:1 http://x/debian bookworm InRelease\n  Could not resolve 'x'\n"};
  };
  AptSystem system = apt();
  EXPECT_THROW(system.perform(RefreshPackageIndex{}), Error);
}

TEST_F(AptOnAFakeMachine, KnowsWhenTheIndexWasFetched) {
  AptSystem system = apt();
  EXPECT_EQ(system.db().refreshed(), 0);
  write("var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", "x");
  const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
  ::utimensat(AT_FDCWD, (root_ / "var/lib/apt/lists").c_str(), long_ago, 0);
  EXPECT_EQ(system.db().refreshed(), 1000);
  system.perform(RefreshPackageIndex{});
  EXPECT_GT(system.db().refreshed(), 1000000);
}

TEST_F(AptOnAFakeMachine, HasAnIndexAsOldAsItWasWhereItDidNotComeWhole) {
  answers_ = [&](const PackageCommand&) {
    write("var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", "x");
    return Output{.rc = 100, .err = "E: Failed to fetch http://x/debian/dists/nowhere/Release  404  Not Found\n"};
  };
  AptSystem system = apt();
  EXPECT_THROW(system.perform(RefreshPackageIndex{}), Error);
  EXPECT_EQ(system.db().refreshed(), 0) << "never, though a part of it is there";
  const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
  ::utimensat(AT_FDCWD, (root_ / "var/lib/apt/lists").c_str(), long_ago, 0);
  EXPECT_THROW(system.perform(RefreshPackageIndex{}), Error);
  EXPECT_EQ(system.db().refreshed(), 1000);
}

TEST_F(AptOnAFakeMachine, RepairsWhatDpkgCanFinish) {
  status("install ok half-configured");
  answers_ = [&](const PackageCommand& command) {
    if (command.argv[0] == "dpkg") status("install ok installed");
    return Output{};
  };
  AptSystem system = apt();
  EXPECT_THAT(system.db().interrupted(), SizeIs(1));
  system.perform(RepairPackages{});
  EXPECT_THAT(system.db().interrupted(), IsEmpty());
  ASSERT_THAT(ran_, SizeIs(2));
  EXPECT_EQ(ran_[0], "dpkg --force-confdef --force-confold --configure -a");
  EXPECT_THAT(ran_[1], HasSubstr("install --fix-broken"));
}

TEST_F(AptOnAFakeMachine, ReinstallsWhatWasOnlyHalfInstalled) {
  status("install reinstreq half-installed");
  answers_ = [&](const PackageCommand& command) {
    if (text::joined(command.argv, " ").find("--reinstall") != std::string::npos) status("install ok installed");
    return Output{};
  };
  AptSystem system = apt();
  system.perform(RepairPackages{});
  EXPECT_THAT(ran_, Contains(HasSubstr("--reinstall -- toy")));
}

TEST_F(AptOnAFakeMachine, SaysWhatCouldNotBeRepaired) {
  status("install reinstreq half-installed");
  AptSystem system = apt();
  try {
    system.perform(RepairPackages{});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("repairing the package 'toy' failed"));
    EXPECT_THAT(error.hints(), Contains(HasSubstr("--force-remove-reinstreq toy")));
  }
}

TEST_F(AptOnAFakeMachine, SeesAJournalThatDpkgLeft) {
  write("var/lib/dpkg/updates/0001",
        "Package: toy\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.0\n\n");
  AptSystem system = apt();
  EXPECT_EQ(system.db().find("toy").at(0).version, "2.0");
  EXPECT_THAT(system.db().interrupted(), SizeIs(1));
}

TEST_F(AptOnAFakeMachine, ReadsTheStatusAgainWhenItHasChanged) {
  AptSystem system = apt();
  EXPECT_EQ(system.db().find("toy").at(0).state, Package::State::installed);
  status("deinstall ok config-files");
  EXPECT_EQ(system.db().find("toy").at(0).state, Package::State::config_files);
}

TEST_F(AptOnAFakeMachine, SaysThatTheDatabaseIsMissing) {
  std::filesystem::remove(root_ / "var/lib/dpkg/status");
  AptSystem system = apt();
  EXPECT_THROW(system.db().find("toy"), Error);
}

TEST_F(AptOnAFakeMachine, AnswersForServicesWhilePackagesAreSetUp) {
  write("usr/sbin/policy-rc.d", "mine\n");
  std::string seen;
  answers_ = [&](const PackageCommand&) {
    std::ifstream in(root_ / "usr/sbin/policy-rc.d");
    std::getline(in, seen, '\0');
    return Output{};
  };
  AptSystem system = apt();
  PackageOptions options;
  options.policy_rc_d = 101;
  system.perform(InstallPackages{.requests = {"vim"}, .options = options});
  EXPECT_THAT(seen, AllOf(testing::StartsWith("#!/bin/sh\n"), HasSubstr("exit 101")));
  std::string after;
  std::ifstream in(root_ / "usr/sbin/policy-rc.d");
  std::getline(in, after);
  EXPECT_EQ(after, "mine");
}

TEST_F(AptOnAFakeMachine, FetchesAPackageFileFromItsAddress) {
  struct stat info {};
  answers_ = [&](const PackageCommand& command) {
    if (command.argv[0].ends_with("apt-helper")) ::stat(Path(command.argv.back()).parent_path().c_str(), &info);
    return Output{};
  };
  AptSystem system = apt();
  system.perform(InstallPackages{.requests = {"https://example.org/pool/toy_1.0_amd64.deb?x=1"}});
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  ASSERT_THAT(ran_, SizeIs(2));
  EXPECT_THAT(ran_[1], testing::EndsWith("-toy_1.0_amd64.deb"));
  EXPECT_THAT(ran_[1], HasSubstr(root_.string() + "/var/lib/agent/download-"));
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "var/lib/agent"));
}

TEST_F(AptOnAFakeMachine, SaysWhichPackageFileDidNotCome) {
  answers_ = [](const PackageCommand&) {
    return Output{.rc = 100, .err = "E: Failed to fetch https://x/a.deb  404  Not Found\n"};
  };
  AptSystem system = apt();
  try {
    system.perform(InstallPackages{.requests = {"https://x/a.deb"}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("'https://x/a.deb' could not be downloaded: Failed to fetch"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "var/lib/agent"));
}

}  // namespace
}  // namespace agent
