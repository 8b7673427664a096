#include "dnf.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>

namespace agent::dnf {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Dnf module;

Args args(const Map& given) {
  return arguments().spec().check(given);
}

/// Fedora with vim; `requirements` is what dnf says that anything new needs.
FakeHost machine(const std::string& requirements = "") {
  FakeHost host(test::fedora());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  host.package_db()
      .installed("vim-enhanced", "2:9.1.1-1.fc40", "x86_64")
      .refreshed_at(std::chrono::duration<double>(now).count());
  host.answers_with([requirements](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv[0] == "dnf" && argv[3] == "repoquery") return Output{.out = requirements};
    return std::nullopt;
  });
  return host;
}

TEST(DnfOnFedora, DoesNothingForWhatIsInstalledInAnySpelling) {
  FakeHost host = machine();
  for (const char* name : {"vim-enhanced", "vim-enhanced-2:9.1.1-1.fc40", "vim-enhanced-9.1.1", "vim-enhanced-9.1.*",
                           "vim-enhanced-9.1.1-1.fc40", "vim-enhanced-9.1.1-1.fc40.x86_64"})
    EXPECT_THAT(expect_laws(module, args({{"name", name}}), host).steps, IsEmpty()) << name;
}

TEST(DnfOnFedora, InstallsWithWhatComesAlong) {
  FakeHost host = machine("perl-Git\t2.45-1\tnoarch\nvim-enhanced\t2:9.1.1-1.fc40\tx86_64\nother\t1-1\ti686\n");
  host.package_db().offers("git", {"2.45-1"}, "x86_64");
  const Plan plan = expect_laws(module, args({{"name", "git"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package git", std::nullopt, "2.45-1"}));
  EXPECT_THAT(plan.notes, ElementsAre("comes along: perl-Git"));
}

TEST(DnfOnFedora, InstallsTheVersionThatAGlobSaysAndNoOther) {
  FakeHost host = machine("git\t2.45-1\tx86_64\n");
  host.package_db().offers("git", {"2.46-1", "2.45-1"}, "x86_64");
  const Plan plan = module.check(args({{"name", "git-2.45*"}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package git", std::nullopt, "2.45-1"}));
  EXPECT_THAT(std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).requests, ElementsAre("git-2.45*"));
}

TEST(DnfOnFedora, TakesAVersionWithoutItsEpochAndRelease) {
  FakeHost host = machine();
  for (const char* name : {"vim-enhanced=9.1.1", "vim-enhanced=9.1.1-1*", "vim-enhanced = 9.*", "vim-enhanced=2:9.1.1"})
    EXPECT_THAT(expect_laws(module, args({{"name", List{name}}}), host).steps, IsEmpty()) << name;
}

TEST(DnfOnFedora, BringsTheNewestWhereLatestIsAsked) {
  FakeHost host = machine();
  host.package_db().offers("vim-enhanced", {"2:9.2-1.fc40", "2:9.1.1-1.fc40"}, "x86_64");
  const Plan plan = expect_laws(module, args({{"name", "vim-enhanced"}, {"state", "latest"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim-enhanced", "2:9.1.1-1.fc40", "2:9.2-1.fc40"}));
}

TEST(DnfOnFedora, SaysWhatDoesNotExist) {
  FakeHost host = machine();
  host.package_db().offers("nginx", {"1.24-1"}, "x86_64");
  const std::pair<const char*, const char*> cases[] = {
      {"ngnix", "no package 'ngnix' is offered by the repositories of this machine"},
      {"nginx = 9.9", "package 'nginx' has no version '9.9'"},
  };
  for (const auto& [name, message] : cases) try {
      module.check(args({{"name", List{name}}}), host);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), message);
    }
}

TEST(DnfOnFedora, Removes) {
  FakeHost host = machine();
  const Plan plan = expect_laws(module, args({{"name", "vim-enhanced"}, {"state", "absent"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim-enhanced", "2:9.1.1-1.fc40", std::nullopt}));
}

TEST(DnfOnFedora, UpgradesEverything) {
  FakeHost host = machine("vim-enhanced\t2:9.2-1.fc40\tx86_64\n");
  const Plan plan = expect_laws(module, args({{"name", "*"}, {"state", "latest"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim-enhanced", "2:9.1.1-1.fc40", "2:9.2-1.fc40"}));
}

TEST(DnfOnFedora, InstallsGroupsThatAreMissing) {
  FakeHost host = machine();
  host.answers({"dnf", "-C", "-q", "group", "list", "--installed", "--hidden", "--ids"},
               {.out = "Installed Groups:\n   Development Tools (development-tools)\n"});
  EXPECT_THAT(module.check(args({{"name", "@development-tools"}}), host).steps, IsEmpty());
  const Plan plan = module.check(args({{"name", "@c-development"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"group c-development", std::nullopt, "installed"}));
}

TEST(DnfOnFedora, InstallsAPackageFile) {
  FakeHost host = machine();
  host.with_file("/tmp/tool.rpm", "x");
  host.answers({"rpm", "-qp", "--nosignature", "--qf", "%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\n", "--",
                "/tmp/tool.rpm"},
               {.out = "tool\t0:1.2-1\tx86_64\n"});
  const Plan plan = expect_laws(module, args({{"name", "/tmp/tool.rpm"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package tool", std::nullopt, "1.2-1"}));
}

TEST(DnfOnFedora, KnowsAPackageFileFromItsAddress) {
  FakeHost host = machine();
  const Plan plan =
      expect_laws(module, args({{"name", "https://example.org/f/cuda-repo-fedora39-12.4.1-1.x86_64.rpm"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package cuda-repo-fedora39", std::nullopt, "12.4.1-1"}));
}

TEST(DnfOnFedora, PassesRepositoriesAndChoicesOn) {
  FakeHost host = machine();
  host.package_db().offers("git", {"1-1"}, "x86_64");
  const Plan plan = module.check(args({{"name", "git"},
                                       {"enablerepo", "cuda,extra"},
                                       {"exclude", "kernel*"},
                                       {"nobest", true},
                                       {"disable_gpg_check", true},
                                       {"install_weak_deps", false}}),
                                 host);
  const PackageOptions& options = std::get<InstallPackages>(plan.steps.at(0).actions.at(0)).options;
  EXPECT_THAT(options.extra, ElementsAre("--enablerepo=cuda", "--enablerepo=extra", "--exclude=kernel*", "--nobest"));
  EXPECT_TRUE(options.allow_unauthenticated);
  EXPECT_EQ(options.recommends, false);
}

TEST(DnfOnFedora, FetchesTheIndexWhenThatIsAllThatIsAsked) {
  FakeHost host = machine();
  const Plan plan = expect_laws(module, args({{"update_cache", true}}), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_TRUE(plan.steps[0].event);
}

TEST(DnfOnFedora, RepairsWhatACutOffUpgradeLeft) {
  FakeHost host = machine();
  host.package_db().record(
      {.name = "bash", .version = "5.2-1", .architecture = "x86_64", .state = Package::State::half_installed});
  const Plan plan = expect_laws(module, args({{"name", "vim-enhanced"}}), host);
  EXPECT_TRUE(std::holds_alternative<RepairPackages>(plan.steps.at(0).actions.at(0)));
}

}  // namespace
}  // namespace agent::dnf
