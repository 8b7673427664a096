#include <gmock/gmock.h>
#include <tests/support/laws.hpp>

namespace agent::hosts_entry {

std::unique_ptr<Module> module();

namespace {

using test::expect_laws;
using test::FakeHost;

const Args gpu1{{"name", "gpu1"}, {"address", "10.0.0.5"}};

TEST(HostsEntry, IsAddedWhereItIsMissing) {
  FakeHost host;
  host.with_file("/etc/hosts", "127.0.0.1 localhost\n");
  const Plan plan = expect_laws(*module(), gpu1, host);
  EXPECT_EQ(plan.steps.front().changes.front(), (Change{"/etc/hosts gpu1", std::nullopt, "10.0.0.5"}));
  EXPECT_EQ(host.content("/etc/hosts"), "127.0.0.1 localhost\n10.0.0.5 gpu1\n");
}

TEST(HostsEntry, IsMovedToItsNewAddressAndItsNeighboursStay) {
  FakeHost host;
  host.with_file("/etc/hosts", "10.0.0.4 gpu0 gpu1  # the lab\n");
  expect_laws(*module(), gpu1, host);
  EXPECT_EQ(host.content("/etc/hosts"), "10.0.0.4 gpu0\n10.0.0.5 gpu1\n");
}

TEST(HostsEntry, IsLeftAloneWhereItIsRight) {
  FakeHost host;
  host.with_file("/etc/hosts", "10.0.0.5\tgpu1 gpu1.lab\n");
  EXPECT_TRUE(expect_laws(*module(), gpu1, host).empty());
}

TEST(HostsEntry, RefusesANameWithASpace) {
  FakeHost host;
  EXPECT_THROW(module()->check({{"name", "gpu 1"}, {"address", "10.0.0.5"}}, host), Error);
}

}  // namespace
}  // namespace agent::hosts_entry
