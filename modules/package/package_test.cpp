#include "package.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>

namespace agent::package {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const AnyPackage module;

Args args(const Map& given) {
  return arguments().spec().check(given);
}

FakeHost machine(System system) {
  FakeHost host(std::move(system));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  host.package_db()
      .installed("vim", "9.0-1")
      .offers("git", {"2.39-1"})
      .refreshed_at(std::chrono::duration<double>(now).count());
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv[0] == "dnf") return Output{};
    if (argv.back() == "git") return Output{.out = "Inst git (2.39-1 Debian:12/stable [amd64])\n"};
    return Output{.out = "Remv vim [9.0-1]\n"};
  });
  return host;
}

TEST(PackageOnAnyMachine, InstallsWithTheNativeManager) {
  for (const System& system : {test::debian(), test::ubuntu(), test::fedora()}) {
    FakeHost host = machine(system);
    const Plan plan = expect_laws(module, args({{"name", List{"vim", "git"}}}), host);
    ASSERT_THAT(plan.steps, SizeIs(1)) << system.id;
    EXPECT_THAT(plan.steps[0].changes, ElementsAre(Change{"package git", std::nullopt, "2.39-1"})) << system.id;
  }
}

TEST(PackageOnAnyMachine, Removes) {
  for (const System& system : {test::debian(), test::fedora()}) {
    FakeHost host = machine(system);
    const Plan plan = expect_laws(module, args({{"name", "vim"}, {"state", "removed"}}), host);
    EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"package vim", "9.0-1", std::nullopt})) << system.id;
  }
}

TEST(PackageOnAnyMachine, DoesNothingWhereAllIsSo) {
  FakeHost host = machine(test::debian());
  EXPECT_THAT(module.check(args({{"name", "vim"}, {"update_cache", true}}), host).steps, IsEmpty());
}

TEST(PackageOnAnyMachine, InsistsOnAManagerWhereTold) {
  FakeHost host = machine(test::debian());
  EXPECT_THAT(module.check(args({{"name", "vim"}, {"use", "apt"}}), host).steps, IsEmpty());
  EXPECT_THROW(module.check(args({{"name", "vim"}, {"use", "dnf"}}), host), Error);
}

TEST(PackageOnAnyMachine, RefusesAMachineWithoutAKnownManager) {
  System system = test::debian();
  FakeHost host(system);
  host.package_db() = test::FakePackageDb("");
  EXPECT_THROW(module.check(args({{"name", "vim"}}), host), Error);
}

}  // namespace
}  // namespace agent::package
