#include "apt.hpp"

#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>

namespace agent::apt {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// What `apt-get -s` would say on this machine: each operand in the version asked for or offered first, and `along`.
std::optional<Output> simulate(FakeHost& host, const Strings& argv, const std::string& along) {
  if (argv.size() < 2 || argv[0] != "apt-get" || argv[1] != "-s") return std::nullopt;
  const auto& db = host.package_db();
  const bool removes = std::find(argv.begin(), argv.end(), "remove") != argv.end() ||
                       std::find(argv.begin(), argv.end(), "purge") != argv.end();
  Output output;
  auto operand = std::find(argv.begin(), argv.end(), "--");
  for (operand += operand == argv.end() ? 0 : 1; operand != argv.end(); ++operand) {
    const PackageRequest request = package_request(*operand);
    const auto installed = db.find(request.name);
    const std::string before = installed.empty() ? "" : " [" + installed[0].version + "]";
    if (removes) {
      output.out += "Remv " + request.name + before + "\n";
      continue;
    }
    const auto offers = db.candidates(request.name);
    if (offers.empty()) return Output{.rc = 100, .err = "E: Unable to locate package " + request.name + "\n"};
    const auto offer =
        std::find_if(offers.begin(), offers.end(), [&](const Package& p) { return request.takes(p.version); });
    if (offer == offers.end())
      return Output{.rc = 100,
                    .err = "E: Version '" + request.version + "' for '" + request.name + "' was not found\n"};
    if (!installed.empty() && installed[0].version == offer->version) continue;
    output.out += "Inst " + request.name + before + " (" + offer->version + " Debian:12/stable [amd64])\n";
  }
  output.out += along;
  return output;
}

FakeHost machine(const std::string& along = "") {
  FakeHost host;
  host.answers_with([along](FakeHost& asked, const Strings& argv) { return simulate(asked, argv, along); });
  host.package_db().installed("vim", "2:9.0-1").offers("vim", {"2:9.0-1"}).refreshed_at(now() - 86400 * 3);
  return host;
}

Args args(const Map& given) {
  return arguments().spec().check(given);
}

std::string message_of(const Module& module, const Map& given, const FakeHost& host, Strings* hints = nullptr) {
  try {
    module.check(args(given), host);
  } catch (const Error& error) {
    if (hints) *hints = error.hints();
    return error.message();
  }
  return "no error";
}

const DebianApt debian;
const FedoraApt fedora;

TEST(AptOnDebian, DoesNothingForWhatIsInstalled) {
  FakeHost host = machine();
  EXPECT_THAT(expect_laws(debian, args({{"name", "vim"}}), host).steps, IsEmpty());
  EXPECT_THAT(host.queried(), IsEmpty()) << "nothing is started to find that out";
}

TEST(AptOnDebian, InstallsWhatIsMissingWithItsVersion) {
  FakeHost host = machine();
  host.package_db().offers("git", {"1:2.39-1"});
  const Plan plan = expect_laws(debian, args({{"name", List{"vim", "git"}}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package git", std::nullopt, "1:2.39-1"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[0].actions.at(0)).requests, ElementsAre("git"));
}

TEST(AptOnDebian, TakesTextWithCommas) {
  FakeHost host = machine();
  host.package_db().offers("git", {"1"}).offers("curl", {"2"});
  const Plan plan = expect_laws(debian, args({{"pkg", "git, curl"}}), host);
  EXPECT_THAT(std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).requests, ElementsAre("git", "curl"));
}

TEST(AptOnDebian, TellsWhatComesAlongAndWhatChangesOnTheWay) {
  FakeHost host = machine(
      "Inst libfoo (1.0 Debian:12/stable [amd64])\nInst libc6 [2.35] (2.36 Debian:12/stable [amd64])\nRemv nvi "
      "[1.8]\n");
  host.package_db().offers("git", {"1"}).installed("libc6", "2.35").installed("nvi", "1.8");
  const Plan plan = debian.check(args({{"name", "git"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{"package git", std::nullopt, "1"}, Change{"package libc6", "2.35", "2.36"},
                          Change{"package nvi", "1.8", std::nullopt}));
  EXPECT_THAT(plan.notes, Contains("comes along: libfoo"));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[0].actions[0]).afterwards, SizeIs(3));
}

TEST(AptOnDebian, CountsAVirtualPackageAsPresentWhenProvided) {
  FakeHost host = machine();
  host.package_db().provides("vim", "editor");
  const Plan plan = debian.check(args({{"name", "editor"}}), host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_THAT(plan.notes, ElementsAre("'editor' is provided by vim"));
}

TEST(AptOnDebian, NamesThoseThatProvideAVirtualPackage) {
  FakeHost host;
  host.package_db().refreshed_at(now() - 9e5);
  host.answers_with([](FakeHost&, const Strings&) {
    return Output{
        .rc = 100,
        .out = "Package mail-transport-agent is a virtual package provided by:\n  ssmtp 2.64-11\n  postfix 3.7.11\n",
        .err = "E: Package 'mail-transport-agent' has no installation candidate\n"};
  });
  Strings hints;
  EXPECT_EQ(message_of(debian, {{"name", "mail-transport-agent"}}, host, &hints),
            "'mail-transport-agent' is a virtual package that several packages provide");
  EXPECT_THAT(hints, ElementsAre("name one of them: ssmtp, postfix"));
}

TEST(AptOnDebian, AnswersAWrongNameWithTheNearest) {
  FakeHost host = machine();
  host.package_db().offers("python3-venv", {"3.11"});
  Strings hints;
  EXPECT_EQ(message_of(debian, {{"name", "python3-vnev"}}, host, &hints),
            "no package 'python3-vnev' is offered by the repositories of this machine");
  EXPECT_THAT(hints, Contains("did you mean 'python3-venv'?"));
}

TEST(AptOnDebian, AnswersAWrongVersionWithThoseThatExist) {
  FakeHost host = machine();
  host.package_db().offers("nginx", {"1.22.1-9", "1.22.0-1"});
  Strings hints;
  EXPECT_EQ(message_of(debian, {{"name", "nginx=1.30"}}, host, &hints), "package 'nginx' has no version '1.30'");
  EXPECT_THAT(hints, ElementsAre("versions that exist: 1.22.1-9, 1.22.0-1"));
}

TEST(AptOnDebian, RefusesWhatIsNoPackageName) {
  const std::pair<const char*, const char*> cases[] = {
      {"-y", "options have arguments of their own"}, {"vim-", "say state: absent"},
      {"vim git", "several packages are a list"},    {"vim;reboot", "names consist of letters"},
      {"vim=", "a version belongs behind '='"},      {"=1", "a package is written as"},
  };
  FakeHost host = machine();
  for (const auto& [name, hint] : cases) {
    Strings hints;
    EXPECT_EQ(message_of(debian, {{"name", List{name}}}, host, &hints),
              "'" + std::string(name) + "' is no package name");
    EXPECT_THAT(hints, ElementsAre(HasSubstr(hint))) << name;
  }
}

TEST(AptOnDebian, AcceptsAVersionThatAGlobMatches) {
  FakeHost host = machine();
  EXPECT_THAT(debian.check(args({{"name", "vim=2:9.*"}}), host).steps, IsEmpty());
}

TEST(AptOnDebian, ChangesToTheVersionAskedFor) {
  FakeHost host = machine();
  host.package_db().offers("vim", {"2:9.1-1"});
  const Plan plan = expect_laws(debian, args({{"name", "vim=2:9.1-1"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim", "2:9.0-1", "2:9.1-1"}));
}

TEST(AptOnDebian, GoesBackOnlyWhenAllowed) {
  FakeHost host = machine();
  host.package_db().offers("vim", {"2:8.2-1"});
  Strings hints;
  EXPECT_EQ(message_of(debian, {{"name", "vim=2:8.2-1"}}, host, &hints),
            "package 'vim' is at 2:9.0-1, and 2:8.2-1 is older");
  EXPECT_THAT(hints, ElementsAre("set allow_downgrade: true to go back"));
  const Plan plan = expect_laws(debian, args({{"name", "vim=2:8.2-1"}, {"allow_downgrades", true}}), host);
  EXPECT_TRUE(std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).options.allow_downgrade);
}

TEST(AptOnDebian, LeavesAHeldPackageUnlessAllowed) {
  FakeHost host = machine();
  host.package_db()
      .record({.name = "vim", .version = "2:9.0-1", .architecture = "amd64", .held = true})
      .offers("vim", {"2:9.2-1"});
  EXPECT_EQ(message_of(debian, {{"name", "vim=2:9.2-1"}}, host),
            "package 'vim' is held at 2:9.0-1, and 2:9.2-1 is wanted");
  const Plan plan = debian.check(args({{"name", "vim=2:9.2-1"}, {"allow_change_held_packages", true}}), host);
  EXPECT_THAT(plan.steps, SizeIs(1));
}

TEST(AptOnDebian, BringsTheNewestWhereLatestIsAsked) {
  FakeHost host;
  host.answers_with([](FakeHost& asked, const Strings& argv) { return simulate(asked, argv, ""); });
  host.package_db()
      .installed("vim", "2:9.0-1")
      .installed("git", "1:2.39-1")
      .offers("vim", {"2:9.5-1"})
      .offers("git", {"1:2.39-1"})
      .refreshed_at(now());
  const Plan plan = expect_laws(debian, args({{"name", List{"vim", "git"}}, {"state", "latest"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package vim", "2:9.0-1", "2:9.5-1"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[0].actions[0]).requests, ElementsAre("vim"));
}

TEST(AptOnDebian, OnlyUpgradesWhereToldSo) {
  FakeHost host = machine();
  const Plan plan = debian.check(args({{"name", "emacs"}, {"only_upgrade", true}, {"state", "latest"}}), host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_THAT(plan.notes, Contains(HasSubstr("nothing to upgrade")));
}

TEST(AptOnDebian, Removes) {
  FakeHost host = machine();
  const Plan plan = expect_laws(debian, args({{"name", List{"vim", "nano"}}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim", "2:9.0-1", std::nullopt}));
}

TEST(AptOnDebian, TellsWhatARemovalTakesAlong) {
  FakeHost host = machine("Remv vim-gtk3 [2:9.0-1]\n");
  host.package_db().installed("vim-gtk3", "2:9.0-1");
  const Plan plan = debian.check(args({{"name", "vim"}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim", "2:9.0-1", std::nullopt},
                                                    Change{"package vim-gtk3", "2:9.0-1", std::nullopt}));
}

TEST(AptOnDebian, RemovesLeftConfigurationOnlyWithPurge) {
  FakeHost host = machine();
  host.package_db().record(
      {.name = "nano", .version = "7.2", .architecture = "amd64", .state = Package::State::config_files});
  EXPECT_THAT(expect_laws(debian, args({{"name", "nano"}, {"state", "absent"}}), host).steps, IsEmpty());
  const Plan plan = expect_laws(debian, args({{"name", "nano"}, {"state", "absent"}, {"purge", true}}), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{"configuration of package nano", "left over", std::nullopt}));
}

TEST(AptOnDebian, ExpandsGlobs) {
  FakeHost host = machine();
  host.package_db().installed("php8.2-cli", "8.2").installed("php8.2-fpm", "8.2");
  const Plan plan = expect_laws(debian, args({{"name", "php8.*"}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, SizeIs(2));
}

TEST(AptOnDebian, RepairsFirstWhatWasInterrupted) {
  FakeHost host = machine();
  host.package_db().record(
      {.name = "dkms", .version = "3", .architecture = "amd64", .state = Package::State::half_configured});
  const Plan plan = expect_laws(debian, args({{"name", "vim"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package dkms", "half configured", "installed"}));
  EXPECT_THAT(plan.steps[0].actions, ElementsAre(Action(RepairPackages{std::chrono::seconds(60)})));
}

TEST(AptOnDebian, RemovesABrokenPackageWithoutRepairingItFirst) {
  FakeHost host = machine();
  host.package_db().record(
      {.name = "bad", .version = "3", .architecture = "amd64", .state = Package::State::half_configured});
  const Plan plan = expect_laws(debian, args({{"name", "bad"}, {"state", "absent"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<RemovePackages>(plan.steps[0].actions.at(0)));
}

TEST(AptIndex, IsFetchedEachTimeWhenThatIsAllThatIsAsked) {
  FakeHost host = machine();
  const Plan plan = expect_laws(debian, args({{"update_cache", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_TRUE(plan.steps[0].event);
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package index", "fetched 3 days ago", "fetched now"}));
}

TEST(AptIndex, IsLeftAloneWhileItIsValid) {
  FakeHost host = machine();
  EXPECT_THAT(debian.check(args({{"update_cache", true}, {"cache_valid_time", 86400 * 7}}), host).steps, IsEmpty());
  EXPECT_THAT(debian.check(args({{"cache_valid_time", 3600}}), host).steps, SizeIs(1))
      << "cache_valid_time implies update_cache";
}

TEST(AptIndex, IsNotFetchedForPackagesThatAreThere) {
  FakeHost host = machine();
  EXPECT_THAT(debian.check(args({{"name", "vim"}, {"update_cache", true}}), host).steps, IsEmpty());
}

TEST(AptIndex, IsRenewedBeforeWhatIsMissingIsInstalled) {
  FakeHost host = machine();
  host.package_db().offers("git", {"1"});
  const Plan plan = expect_laws(debian, args({{"name", "git"}, {"update_cache", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_TRUE(plan.steps[0].renewal);
  EXPECT_FALSE(plan.steps[1].renewal);
}

TEST(AptIndex, MayBringAPackageThatIsNotKnownYet) {
  FakeHost host = machine();
  const Plan plan = debian.check(args({{"name", "brand-new"}, {"update_cache", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_THAT(plan.steps[1].changes, ElementsAre(Change{"package brand-new", std::nullopt, "newest"}));
}

TEST(AptIndex, IsFetchedUnaskedWhenThereIsNone) {
  FakeHost host = machine();
  host.package_db().refreshed_at(0);
  const Plan plan = debian.check(args({{"name", "git"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_TRUE(plan.steps[0].renewal);
}

TEST(AptIndex, IsRenewedForTheNewestWithoutCountingAsAChange) {
  FakeHost host = machine();
  const Plan plan = debian.check(args({{"name", "vim"}, {"state", "latest"}, {"update_cache", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_TRUE(plan.steps[0].renewal);
}

TEST(AptIndex, IsOldWhenARepositoryWasAddedAfterIt) {
  FakeHost host = machine();
  host.package_db().refreshed_at(1000);
  host.with_file("/etc/apt/sources.list.d/cuda.list", "deb http://x /\n");
  EXPECT_THAT(debian.check(args({{"name", "vim"}, {"cache_valid_time", 2000000000}}), host).steps, SizeIs(1));
}

/// A database that only learns what is offered from an index which check mode did not fetch.
class PromisedIndex : public test::FakePackageDb {
 public:
  std::vector<Package> candidates(const std::string& name) const override {
    const auto found = test::FakePackageDb::candidates(name);
    if (found.empty()) throw Unknown("whether there is a package '" + name + "' depends on the index");
    return found;
  }
};

class HostWithPromisedIndex : public FakeHost {
 public:
  explicit HostWithPromisedIndex(std::string complaint) {
    db_.refreshed_at(now());
    db_.offers("vim", {"2:9.0-1"});
    answers_with([complaint](FakeHost&, const Strings&) { return Output{.rc = 100, .err = complaint}; });
  }
  const PackageDb& packages() const override { return db_; }

 private:
  PromisedIndex db_;
};

TEST(AptIndex, ThatIsOnlyPromisedMayHoldWhatIsNotKnownYet) {
  const HostWithPromisedIndex host("E: Unable to locate package git\n");
  const Plan plan = debian.check(args({{"name", "git"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package git", std::nullopt, "newest"}));
}

TEST(AptIndex, ThatIsOnlyPromisedMayHoldAnotherVersion) {
  const HostWithPromisedIndex host("E: Version '2:9.1-1' for 'vim' was not found\n");
  const Plan plan = debian.check(args({{"name", "vim=2:9.1-1"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package vim", std::nullopt, "2:9.1-1"}));
}

TEST(AptIndex, IsTriedAgainAsOftenAsTold) {
  FakeHost host = machine();
  const Plan plan = debian.check(
      args({{"update_cache", true}, {"update_cache_retries", 7}, {"update_cache_retry_max_delay", 2}}), host);
  const auto& refresh = std::get<RefreshPackageIndex>(plan.steps.at(0).actions.at(0));
  EXPECT_EQ(refresh.retries, 7u);
  EXPECT_EQ(refresh.retry_delay, std::chrono::seconds(2));
}

/// A machine of a dry run: packages are promised, so that apt only answers for the machine as it is.
FakeHost with_promises(const Output& answer) {
  FakeHost host = machine();
  host.answers_with([answer](FakeHost& asked, const Strings& argv) -> std::optional<Output> {
    if (argv.size() < 2 || argv[1] != "-s") return std::nullopt;
    // The fake cannot see the question's `as_it_is`: the first time it is asked without, the second time with.
    return asked.queried().size() % 2 == 1 ? Output{.unknown = {"packages were only promised"}} : answer;
  });
  return host;
}

TEST(AptAfterAPromise, StillRefusesWhatDoesNotExist) {
  FakeHost host = with_promises({.rc = 100, .err = "E: Unable to locate package python3-vnev\n"});
  host.package_db().offers("python3-venv", {"3.11"});
  Strings hints;
  EXPECT_EQ(message_of(debian, {{"name", "python3-vnev"}}, host, &hints),
            "no package 'python3-vnev' is offered by the repositories of this machine");
  EXPECT_THAT(hints, Contains("did you mean 'python3-venv'?"));
}

TEST(AptAfterAPromise, TakesNoRefusalForTrueThatMayBeGoneByThen) {
  FakeHost host = with_promises({.rc = 100, .err = "E: Unable to correct problems, you have held broken packages.\n"});
  host.package_db().offers("git", {"1:2.39-1"});
  const Plan plan = debian.check(args({{"name", "git"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package git", std::nullopt, "1:2.39-1"}));
}

TEST(AptUpgrade, ShowsWhatItWouldUpgrade) {
  FakeHost host = machine("Inst vim [2:9.0-1] (2:9.5-1 Debian:12/stable [amd64]) []\n");
  const Plan plan = debian.check(args({{"upgrade", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package vim", "2:9.0-1", "2:9.5-1"}));
  const auto& action = std::get<UpgradePackages>(plan.steps[0].actions.at(0));
  EXPECT_EQ(action.kind, UpgradePackages::Kind::safe);
  EXPECT_THAT(action.afterwards, SizeIs(1));
}

TEST(AptUpgrade, ConvergesOnceNothingIsLeft) {
  FakeHost host = machine("Inst vim [2:9.0-1] (2:9.5-1 Debian:12/stable [amd64])\n");
  expect_laws(debian, args({{"upgrade", "dist"}}), host);
}

TEST(AptAutoremove, RemovesWhatNothingNeeds) {
  FakeHost host = machine("Remv libold [1.0]\n");
  host.package_db().installed("libold", "1.0");
  const Plan plan = debian.check(args({{"autoremove", true}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package libold", "1.0", std::nullopt}));
  EXPECT_TRUE(std::holds_alternative<TidyPackages>(plan.steps[0].actions.at(0)));
}

TEST(AptClean, LooksForDownloadedFiles) {
  FakeHost host = machine();
  EXPECT_THAT(debian.check(args({{"clean", true}}), host).steps, IsEmpty());
  host.with_file("/var/cache/apt/archives/vim_9.deb", "x");
  EXPECT_THAT(debian.check(args({{"clean", true}}), host).steps.at(0).changes,
              ElementsAre(Change{"downloaded packages", "1 file", std::nullopt}));
}

TEST(AptAutoclean, RemovesOnlyWhatAptNames) {
  FakeHost host = machine("Del vim 2:8.2-1 [1,500 kB]\n");
  const Plan plan = debian.check(args({{"autoclean", true}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package file vim 2:8.2-1", "outdated", std::nullopt}));
}

FakeHost machine_with_deb(const std::string& version) {
  FakeHost host = machine();
  host.with_file("/tmp/tool.deb", "x");
  host.answers({"dpkg-deb", "-f", "/tmp/tool.deb", "Package", "Version", "Architecture"},
               {.out = "Package: tool\nVersion: " + version + "\nArchitecture: amd64\n"});
  host.answers_with([version](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv.back() != "/tmp/tool.deb") return std::nullopt;
    return Output{.out = "Inst tool (" + version + " local-deb [amd64])\nInst libtool (1 Debian:12/stable [amd64])\n"};
  });
  return host;
}

TEST(AptDeb, IsInstalledWithWhatItNeeds) {
  FakeHost host = machine_with_deb("1.2");
  const Plan plan = expect_laws(debian, args({{"deb", "/tmp/tool.deb"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package tool", std::nullopt, "1.2"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[0].actions.at(0)).afterwards, SizeIs(2));
}

TEST(AptDeb, IsLeftWhenThatVersionOrALaterOneIsThere) {
  FakeHost host = machine_with_deb("1.2");
  host.package_db().installed("tool", "1.2");
  EXPECT_THAT(debian.check(args({{"deb", "/tmp/tool.deb"}}), host).steps, IsEmpty());
  host.package_db().installed("tool", "1.3");
  EXPECT_THAT(debian.check(args({{"deb", "/tmp/tool.deb"}}), host).steps, IsEmpty());
  EXPECT_THAT(debian.check(args({{"deb", "/tmp/tool.deb"}, {"allow_downgrade", true}}), host).steps, SizeIs(1));
}

TEST(AptDeb, SaysThatAFileIsMissingOrNoPackage) {
  FakeHost host = machine();
  EXPECT_EQ(message_of(debian, {{"deb", "/tmp/none.deb"}}, host), "the package file '/tmp/none.deb' does not exist");
  EXPECT_EQ(message_of(debian, {{"deb", "none.deb"}}, host), "'none.deb' is neither an absolute path nor an address");
  host.with_file("/tmp/bad.deb", "x");
  host.answers({"dpkg-deb", "-f", "/tmp/bad.deb", "Package", "Version", "Architecture"},
               {.rc = 2, .err = "dpkg-deb: error: not a Debian format archive\n"});
  EXPECT_EQ(message_of(debian, {{"deb", "/tmp/bad.deb"}}, host),
            "'/tmp/bad.deb' is no Debian package: dpkg-deb: error: not a Debian format archive");
}

TEST(AptDeb, IsKnownFromItsAddress) {
  FakeHost host = machine();
  const std::string address = "https://example.org/pool/cuda-keyring_1.1-1_all.deb";
  const Plan plan = expect_laws(debian, args({{"deb", address}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package cuda-keyring", std::nullopt, "1.1-1"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[0].actions.at(0)).requests, ElementsAre(address));
  EXPECT_THAT(debian.check(args({{"deb", address}}), host).steps, IsEmpty());
}

TEST(AptDeb, OfNoKnownVersionCountsAsPresentInAny) {
  FakeHost host = machine();
  host.package_db().installed("google-chrome-stable", "120.0");
  const Plan plan = debian.check(args({{"deb", "https://dl.google.com/google-chrome-stable_current_amd64.deb"}}), host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_THAT(plan.notes, SizeIs(1));
}

const std::string nameless = "https://example.org/download/latest.deb";

TEST(AptDebThatItsAddressDoesNotName, IsFetchedFirst) {
  FakeHost host = machine();
  const Plan plan = debian.check(args({{"deb", nameless}}), host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_TRUE(plan.steps[0].renewal);
  EXPECT_THAT(std::get<Exec>(plan.steps[0].actions.at(1)).argv, Contains(nameless));
  EXPECT_THAT(plan.steps[1].changes, ElementsAre(Change{"package at " + nameless, std::nullopt, "installed"}));
}

TEST(AptDebThatItsAddressDoesNotName, IsComparedByWhatIsInTheFile) {
  FakeHost host = machine();
  const Plan first = debian.check(args({{"deb", nameless}}), host);
  const std::string file = std::get<Exec>(first.steps.at(0).actions.at(1)).argv.back();
  host.with_file(file, "x");
  host.answers({"dpkg-deb", "-f", file, "Package", "Version", "Architecture"},
               {.out = "Package: tool\nVersion: 1.2\nArchitecture: amd64\n"});
  host.answers_with([](FakeHost&, const Strings&) { return Output{.out = "Inst tool (1.2 local-deb [amd64])\n"}; });
  const Plan plan = debian.check(args({{"deb", nameless}}), host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_THAT(plan.steps[1].changes, ElementsAre(Change{"package tool", std::nullopt, "1.2"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps[1].actions.at(0)).requests, ElementsAre(file));
  host.package_db().installed("tool", "1.2");
  EXPECT_THAT(debian.check(args({{"deb", nameless}}), host).steps, SizeIs(1)) << "only the look at the address is left";
}

TEST(AptOptions, ReachTheAction) {
  FakeHost host = machine();
  host.package_db().offers("git", {"1"});
  const Plan plan = debian.check(args({{"name", "git"},
                                       {"install_recommends", false},
                                       {"default_release", "bookworm-backports"},
                                       {"force", true},
                                       {"dpkg_options", "force-confnew,force-overwrite"},
                                       {"policy_rc_d", 101},
                                       {"lock_timeout", 5},
                                       {"force_apt_get", true}}),
                                 host);
  const PackageOptions& options = std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).options;
  EXPECT_EQ(options.recommends, false);
  EXPECT_EQ(options.default_release, "bookworm-backports");
  EXPECT_TRUE(options.allow_downgrade && options.allow_held && options.allow_unauthenticated);
  EXPECT_THAT(options.dpkg_options, ElementsAre("force-confnew", "force-overwrite"));
  EXPECT_EQ(options.policy_rc_d, 101u);
  EXPECT_EQ(options.lock_timeout, std::chrono::seconds(5));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("force_apt_get is ignored")));
}

TEST(AptArguments, NeedSomethingToDo) {
  EXPECT_THROW(args({{"purge", true}}), Error);
  EXPECT_THROW(args({{"name", "a"}, {"deb", "/a.deb"}}), Error);
  EXPECT_THROW(args({{"name", "a"}, {"state", "instaled"}}), Error);
}

TEST(AptOutcome, TellsWhatAptSaidAndThatTheIndexWasFetched) {
  FakeHost host = machine();
  const Outcome outcome = debian.apply(debian.check(args({{"update_cache", true}}), host), host);
  EXPECT_TRUE(outcome.result.find("cache_updated")->boolean());
  EXPECT_GT(outcome.result.find("cache_update_time")->integer(), 0);
}

// ---- on Fedora ------------------------------------------------------------------------------------------------------

FakeHost fedora_machine() {
  FakeHost host(test::fedora());
  host.package_db().refreshed_at(now());
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv.size() > 3 && argv[3] == "repoquery") return Output{};
    return std::nullopt;
  });
  return host;
}

TEST(AptOnFedora, TranslatesTheNamesThatDifferAndSaysSo) {
  FakeHost host = fedora_machine();
  for (const char* name : {"gcc", "gcc-c++", "make", "glibc-devel", "python3-devel"})
    host.package_db().offers(name, {"1-1"}, "x86_64");
  const Plan plan = expect_laws(fedora, args({{"name", List{"build-essential", "python3-dev"}}}), host);
  EXPECT_THAT(std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).requests,
              ElementsAre("gcc", "gcc-c++", "make", "glibc-devel", "python3-devel"));
  EXPECT_THAT(plan.notes, Contains("carried out with dnf"));
  EXPECT_THAT(plan.notes, Contains("'python3-dev' is called 'python3-devel' here"));
}

TEST(AptOnFedora, AsksOnceForWhatTwoNamesMean) {
  FakeHost host = fedora_machine();
  host.package_db().offers("python3", {"3.13.3-1"}, "x86_64");
  const Plan plan = expect_laws(fedora, args({{"name", List{"python3-venv", "python3"}}}), host);
  EXPECT_THAT(std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).requests, ElementsAre("python3"));
}

TEST(AptOnFedora, KnowsThatSomeArePartOfOthersOrNotNeeded) {
  EXPECT_THAT(fedora_names("python3-venv"), ElementsAre("python3"));
  EXPECT_THAT(fedora_names("python3.12-venv"), ElementsAre("python3.12"));
  EXPECT_THAT(fedora_names("python3.12-dev"), ElementsAre("python3.12-devel"));
  EXPECT_THAT(fedora_names("apt-transport-https"), IsEmpty());
  EXPECT_THAT(fedora_names("git"), ElementsAre("git"));
}

TEST(AptOnFedora, RefusesWhatDnfCannotDo) {
  FakeHost host = fedora_machine();
  EXPECT_EQ(message_of(fedora, {{"deb", "/a.deb"}}, host), "a Debian package file cannot be installed on this system");
  EXPECT_EQ(message_of(fedora, {{"name", "a"}, {"state", "build-dep"}}, host),
            "state 'build-dep' has no counterpart in dnf");
  EXPECT_EQ(message_of(fedora, {{"name", "a/stable"}}, host), "dnf does not know releases, as in 'a/stable'");
}

TEST(AptOnFedora, RemovesUnderTheNameThatItHasThere) {
  FakeHost host = fedora_machine();
  host.package_db().installed("python3-devel", "3.12-1.fc40", "x86_64");
  const Plan plan = expect_laws(fedora, args({{"name", "python3-dev"}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package python3-devel", "3.12-1.fc40", std::nullopt}));
}

}  // namespace
}  // namespace agent::apt
