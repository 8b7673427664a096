#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/printing.hpp>

#include <agent/host/facts.hpp>
#include <agent/host/os_release.hpp>
#include <agent/host/real.hpp>

namespace agent {
namespace {

using test::FakeHost;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

Strings names_of(const Value& facts) {
  Strings names;
  for (const auto& [name, value] : facts.map()) names.push_back(name);
  return names;
}

Value gather(const FakeHost& host, const Strings& subsets) {
  return gather_facts(subsets, host, {{"A", "1"}});
}

/// A machine that Python was not installed on.
FakeHost machine(System system = test::debian()) {
  FakeHost host(std::move(system));
  host.answers({"python3", "-V"}, {127, "", "there is no program 'python3'"});
  return host;
}

TEST(GatheringFacts, TakesTheGroupsThatAreNamed) {
  struct {
    Strings subsets;
    bool platform, memory, network, env;
  } const cases[] = {
      {{}, true, true, true, true},
      {{"all"}, true, true, true, true},
      {{"min"}, true, false, false, true},
      {{"!all"}, true, false, false, true},
      {{"!all", "!min"}, false, false, false, false},
      {{"!all", "!min", "network"}, false, false, true, false},
      {{"!all", "hardware"}, true, true, false, true},
      {{"!hardware"}, true, false, true, true},
      {{"!all", "!min", "memtotal_mb"}, false, true, false, false},
      {{"!all", "!min", "env"}, false, false, false, true},
  };
  for (const auto& one : cases) {
    FakeHost host = machine();
    host.with_file("/proc/meminfo", "MemTotal: 1024 kB\n");
    const Strings names = names_of(gather(host, one.subsets));
    const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    SCOPED_TRACE(::testing::PrintToString(one.subsets));
    EXPECT_EQ(has("hostname"), one.platform);
    EXPECT_EQ(has("memtotal_mb"), one.memory);
    EXPECT_EQ(has("interfaces"), one.network);
    EXPECT_EQ(has("env"), one.env);
  }
}

struct DistributionCase {
  const char* name;
  System system;
  Strings files;  ///< path, content, path, content, ...
  const char *distribution, *version, *major, *release, *family, *manager;
};
void PrintTo(const DistributionCase& one, std::ostream* out) {
  *out << one.name;
}

class FactsOfADistribution : public ::testing::TestWithParam<DistributionCase> {};

TEST_P(FactsOfADistribution, AreCalledAsAnsibleCallsThem) {
  const auto& one = GetParam();
  FakeHost host = machine(one.system);
  for (std::size_t i = 0; i + 1 < one.files.size(); i += 2) host.with_file(one.files[i], one.files[i + 1]);
  const Value facts = gather(host, {"!all", "!min", "distribution", "pkg_mgr"});
  EXPECT_EQ(facts["distribution"], Value(one.distribution));
  EXPECT_EQ(facts["distribution_version"], Value(one.version));
  EXPECT_EQ(facts["distribution_major_version"], Value(one.major));
  EXPECT_EQ(facts["distribution_release"], Value(one.release));
  EXPECT_EQ(facts["os_family"], Value(one.family));
  EXPECT_EQ(facts["pkg_mgr"], Value(one.manager));
}

INSTANTIATE_TEST_SUITE_P(
    Known, FactsOfADistribution,
    ::testing::Values(DistributionCase{"Debian",
                                       test::debian(),
                                       {"/etc/debian_version", "12.11\n"},
                                       "Debian",
                                       "12.11",
                                       "12",
                                       "bookworm",
                                       "Debian",
                                       "apt"},
                      DistributionCase{"Ubuntu",
                                       test::ubuntu(),
                                       {"/etc/debian_version", "trixie/sid\n"},
                                       "Ubuntu",
                                       "24.04",
                                       "24",
                                       "noble",
                                       "Debian",
                                       "apt"},
                      DistributionCase{
                          "Fedora", test::fedora(), {"/usr/bin/dnf", ""}, "Fedora", "40", "40", "", "RedHat", "dnf"},
                      DistributionCase{"Rocky",
                                       {"rocky", {"rhel", "centos", "fedora"}, "9.4", "", "Rocky Linux 9.4"},
                                       {"/usr/bin/dnf", ""},
                                       "Rocky",
                                       "9.4",
                                       "9",
                                       "",
                                       "RedHat",
                                       "dnf"},
                      DistributionCase{"Unknown",
                                       {"mylinux", {"ubuntu", "debian"}, "1.2", "lake", "My Linux"},
                                       {},
                                       "Mylinux",
                                       "1.2",
                                       "1",
                                       "lake",
                                       "Debian",
                                       "apt"}),
    [](const auto& test) { return test.param.name; });

TEST(Facts, SayHowMuchMemoryThereIs) {
  FakeHost host = machine();
  host.with_file(
      "/proc/meminfo",
      "MemTotal:       8192000 kB\nMemFree:        1024000 kB\nBuffers:          51200 kB\n"
      "Cached:         2048000 kB\nSwapCached:            0 kB\nSwapTotal:       512000 kB\nSwapFree: 256000 kB\n");
  const Value facts = gather(host, {"!all", "!min", "memory"});
  EXPECT_EQ(facts["memtotal_mb"], Value(8000));
  EXPECT_EQ(facts["memory_mb"]["real"]["used"], Value(7000));
  EXPECT_EQ(facts["memory_mb"]["nocache"]["free"], Value(3050));
  EXPECT_EQ(facts["memory_mb"]["swap"]["used"], Value(250));
}

TEST(Facts, CountSocketsCoresAndThreads) {
  std::string text;
  for (int socket = 0; socket < 2; ++socket)
    for (int thread = 0; thread < 8; ++thread)
      text += "processor\t: " + std::to_string(socket * 8 + thread) +
              "\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: " + std::to_string(socket) +
              "\nsiblings\t: 8\ncore id\t: " + std::to_string(thread % 4) + "\ncpu cores\t: 4\nflags\t: fpu vme\n\n";
  FakeHost host = machine();
  host.with_file("/proc/cpuinfo", text);
  const Value facts = gather(host, {"!all", "!min", "processor"});
  EXPECT_EQ(facts["processor_count"], Value(2));
  EXPECT_EQ(facts["processor_cores"], Value(4));
  EXPECT_EQ(facts["processor_threads_per_core"], Value(2));
  EXPECT_EQ(facts["processor_vcpus"], Value(16));
  EXPECT_EQ(facts["processor"].list().size(), 48u);
}

TEST(Facts, NameTheFullHostnameFromTheHostsFile) {
  FakeHost host = machine();
  host.with_file("/etc/hosts", "127.0.0.1 localhost\n10.0.0.7 box.example.org box # the machine\n");
  const Value facts = gather(host, {"!all", "!min", "platform"});
  EXPECT_EQ(facts["fqdn"], Value("box.example.org"));
  EXPECT_EQ(facts["domain"], Value("example.org"));
  EXPECT_EQ(facts["hostname"], Value("box"));
}

TEST(Facts, TellAContainerFromAMachine) {
  FakeHost container = machine();
  container.with_file("/.dockerenv", "");
  EXPECT_EQ(gather(container, {"!all", "!min", "virtual"})["virtualization_type"], Value("docker"));
  FakeHost guest = machine();
  guest.with_file("/sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n");
  EXPECT_EQ(gather(guest, {"!all", "!min", "virtual"})["virtualization_type"], Value("kvm"));
  EXPECT_EQ(gather(guest, {"!all", "!min", "virtual"})["virtualization_role"], Value("guest"));
  EXPECT_EQ(gather(machine(), {"!all", "!min", "virtual"})["virtualization_type"], Value("NA"));
}

TEST(Facts, KnowTheServiceManager) {
  FakeHost host = machine();
  host.with_file("/proc/1/comm", "systemd\n");
  EXPECT_EQ(gather(host, {"!all", "!min", "service_mgr"})["service_mgr"], Value("systemd"));
  host.with_file("/proc/1/comm", "bash\n").with_directory("/etc/init.d");
  EXPECT_EQ(gather(host, {"!all", "!min", "service_mgr"})["service_mgr"], Value("sysvinit"));
}

TEST(Facts, TakeTheVersionOfPythonFromItsPackage) {
  FakeHost host = machine();
  host.with_file("/usr/bin/python3.11", "", 0755).with_link("/usr/bin/python3", "python3.11");
  host.package_db().installed("python3.11", "3.11.2-6+deb12u1").installed("python3", "3.11.2-1+b1");
  const Value facts = gather(host, {"!all", "!min", "python"});
  EXPECT_EQ(facts["python_version"], Value("3.11.2"));
  EXPECT_EQ(facts["python"]["version"]["minor"], Value(11));
}

TEST(Facts, AskPythonWhereNoPackageKnows) {
  FakeHost host(test::debian());
  host.answers({"python3", "-V"}, {0, "Python 3.12.4\n", ""});
  EXPECT_EQ(gather(host, {"!all", "!min", "python"})["python_version"], Value("3.12.4"));
}

TEST(Facts, IncludeTheMachinesOwn) {
  FakeHost host = machine();
  host.with_file("/etc/ansible/facts.d/site.fact", "[GPU]\nCards = 2\n; note\n[net]\nzone: a\n")
      .with_file("/etc/ansible/facts.d/list.fact", "[1, 2]")
      .with_file("/etc/ansible/facts.d/odd.fact", "neither")
      .with_file("/etc/ansible/facts.d/asked.fact", "#!/bin/sh\n", 0755)
      .answers({"/etc/ansible/facts.d/asked.fact"}, {0, "{\"a\": true}", ""});
  const Value own = gather(host, {"!all", "!min", "local"})["local"];
  EXPECT_EQ(own["site"]["GPU"]["cards"], Value("2"));
  EXPECT_EQ(own["site"]["net"]["zone"], Value("a"));
  EXPECT_EQ(own["list"], Value(List{1, 2}));
  EXPECT_EQ(own["asked"]["a"], Value(true));
  EXPECT_EQ(own["odd"],
            Value("error loading facts as JSON or ini - please check content: /etc/ansible/facts.d/odd.fact"));
}

TEST(Facts, AreThereOnThisMachine) {
  const Value facts = RealHost({}).facts({"all"});
  for (const char* name : {"distribution",
                           "os_family",
                           "architecture",
                           "kernel",
                           "nodename",
                           "fqdn",
                           "user_id",
                           "user_dir",
                           "env",
                           "system",
                           "pkg_mgr",
                           "service_mgr",
                           "selinux",
                           "memtotal_mb",
                           "processor_vcpus",
                           "mounts",
                           "interfaces",
                           "default_ipv4",
                           "all_ipv4_addresses",
                           "date_time",
                           "virtualization_type",
                           "product_name",
                           "devices",
                           "uptime_seconds",
                           "lsb",
                           "local"})
    EXPECT_NE(facts.find(name), nullptr) << name;
  EXPECT_EQ(facts["env"]["HOME"], Value(RealHost({}).environment("HOME").value_or("")));
}

TEST(OsRelease, IsReadAsAShellWouldReadIt) {
  const auto values = parse_os_release(
      "# comment\nID=ubuntu\nVERSION_ID=\"24.04\"\nNAME='A \"B\" C'\n  PRETTY_NAME=\"a \\\"b\\\" \\$c\" "
      "\r\nnoise\nEMPTY=\n");
  EXPECT_EQ(values.at("ID"), "ubuntu");
  EXPECT_EQ(values.at("VERSION_ID"), "24.04");
  EXPECT_EQ(values.at("NAME"), "A \"B\" C");
  EXPECT_EQ(values.at("PRETTY_NAME"), "a \"b\" $c");
  EXPECT_EQ(values.at("EMPTY"), "");
  EXPECT_THAT(values, Not(Contains(Key("noise"))));
}

}  // namespace
}  // namespace agent
