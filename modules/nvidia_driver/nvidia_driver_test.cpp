#include "nvidia_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>
#include <tests/support/simulated_packages.hpp>

namespace agent::nvidia_driver {
namespace {

using test::expect_laws;
using test::FakeHost;
using test::FakePackageDb;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const UbuntuDriver ubuntu;
const DebianDriver debian;
const FedoraDriver fedora;
const RhelDriver rhel;
const Module& module_for(const System& system) {
  if (system.id == "ubuntu") return ubuntu;
  if (system.id == "debian") return debian;
  return system.id == "fedora" ? static_cast<const Module&>(fedora) : rhel;
}

constexpr const char* kernel = "5.15.0-140-generic";

void with_card(FakeHost& host, const std::string& device, const std::string& slot = "0000:01:00.0") {
  const Path folder = Path("/sys/bus/pci/devices") / slot;
  host.with_file(folder / "vendor", "0x10de\n")
      .with_file(folder / "device", "0x" + device + "\n")
      .with_file(folder / "class", "0x030000\n");
}

std::optional<Output> tools(FakeHost& host, const Strings& argv) {
  if (argv[0] == "akmods") {
    host.with_file(Path("/lib/modules") / kernel / "extra/nvidia/nvidia.ko.xz", "");
    return Output{};
  }
  if (argv[0] == "update-initramfs" || argv[0] == "dracut" || argv[0] == "shutdown") return Output{};
  return std::nullopt;
}

/// A machine with an RTX 3070 and what its distribution offers.
FakeHost machine(const std::string& id, const std::string& version, const std::string& device = "2484") {
  System system = id == "ubuntu" ? test::ubuntu() : id == "debian" ? test::debian() : test::fedora();
  system.id = id;
  system.version = version;
  system.name = id + " " + version;
  system.kernel = kernel;
  if (id == "rocky") system.like = {"rhel", "centos", "fedora"};
  FakeHost host(system);
  test::simulate_packages(host);
  host.answers_with(tools);
  if (!device.empty()) with_card(host, device);
  host.with_directory("/etc/modprobe.d").with_directory("/etc/rpm").with_file("/usr/sbin/update-initramfs", "");
  host.with_file("/etc/dnf/plugins/versionlock.conf", "");
  FakePackageDb& db = host.package_db();
  db.refreshed_at(1.7e9);
  if (id == "ubuntu") {
    for (const auto& [branch, driver] :
         {std::pair{"470", "470.256.02"}, std::pair{"550", "550.163.01"}, std::pair{"580", "580.95.05"}})
      for (const char* kind : {"", "-open", "-server", "-server-open"}) {
        const std::string tail = std::string("-") + branch + kind, full = std::string(driver) + "-0ubuntu1";
        for (const char* stem :
             {"nvidia-driver", "nvidia-dkms", "nvidia-headless", "nvidia-headless-no-dkms", "nvidia-utils"})
          db.offers(stem + tail, {full});
        if (std::string_view(branch) != "550")
          db.offers("linux-modules-nvidia" + tail + "-generic", {"5.15.0-140.150"});
      }
    db.offers("nvidia-driver-565-server", {"580.95.05-0ubuntu1"}).offers(std::string("linux-headers-") + kernel, {"1"});
    db.offers("nvidia-open-580", {"580.95.05-0ubuntu1"}).offers("cuda-drivers-580", {"580.95.05-0ubuntu1"});
    db.offers("nvidia-driver-pinning-595", {"595.58.03-1"}).offers("nvidia-open", {"595.58.03-1"});
  } else if (id == "debian") {
    for (const char* name : {"nvidia-driver", "nvidia-kernel-dkms", "nvidia-open-kernel-dkms", "nvidia-smi", "libcuda1",
                             "firmware-nvidia-gsp"})
      db.offers(name, {"535.261.03-1"});
    db.offers(std::string("linux-headers-") + kernel, {"1"});
  } else {
    for (const char* name : {"akmod-nvidia", "xorg-x11-drv-nvidia", "xorg-x11-drv-nvidia-cuda"})
      db.offers(name, {"3:580.142-1.fc42"}, "x86_64");
    db.offers("nvidia-open", {"3:595.58.03-1.fc42", "3:580.95.05-1.fc42"}, "x86_64")
        .offers("cuda-drivers", {"595.58.03-1", "580.95.05-1"}, "x86_64");
    db.offers("kernel-devel-matched", {"6.14"}, "x86_64").offers("kernel-headers", {"6.14"}, "x86_64");
  }
  return host;
}

Args args(const Map& given = {}) {
  return arguments().spec().check(given);
}
Error error_of(const Map& given, const Host& host) {
  try {
    module_for(host.system()).check(args(given), host);
  } catch (const Error& error) {
    return error;
  }
  return Error("no error");
}
Strings requests(const Map& given, const FakeHost& host) {
  for (const Step& step : module_for(host.system()).check(args(given), host).steps)
    for (const Action& action : step.actions)
      if (const auto* install = std::get_if<InstallPackages>(&action)) return install->requests;
  return {};
}

struct Case {
  const char *id, *version;
  Map given;
  Strings packages;
};
const Case cases[] = {
    {"ubuntu", "20.04", {}, {"linux-modules-nvidia-580-open-generic", "nvidia-driver-580-open"}},
    {"ubuntu",
     "22.04",
     {{"branch", "550"}},
     {"linux-headers-5.15.0-140-generic", "nvidia-dkms-550", "nvidia-driver-550"}},
    {"ubuntu",
     "24.04",
     {{"branch", "580"}, {"flavour", "server"}, {"headless", true}},
     {"linux-modules-nvidia-580-server-open-generic", "nvidia-headless-no-dkms-580-server-open",
      "nvidia-utils-580-server"}},
    {"ubuntu",
     "26.04",
     {{"minimum", "575"}, {"modules", "proprietary"}, {"build", "dkms"}},
     {"linux-headers-5.15.0-140-generic", "nvidia-dkms-580", "nvidia-driver-580"}},
    {"ubuntu",
     "22.04",
     {{"source", "cuda_repo"}, {"branch", "580"}},
     {"linux-headers-5.15.0-140-generic", "nvidia-open-580"}},
    {"ubuntu",
     "24.04",
     {{"source", "cuda_repo"}},
     {"linux-headers-5.15.0-140-generic", "nvidia-driver-pinning-595", "nvidia-open"}},
    {"debian", "11", {}, {"linux-headers-5.15.0-140-generic", "nvidia-kernel-dkms", "nvidia-driver", "nvidia-smi"}},
    {"debian", "12", {}, {"linux-headers-5.15.0-140-generic", "nvidia-kernel-dkms", "nvidia-driver", "nvidia-smi"}},
    {"debian",
     "13",
     {{"modules", "open"}},
     {"linux-headers-5.15.0-140-generic", "nvidia-open-kernel-dkms", "nvidia-driver", "nvidia-smi",
      "firmware-nvidia-gsp"}},
    {"debian",
     "12",
     {{"headless", true}},
     {"linux-headers-5.15.0-140-generic", "nvidia-kernel-dkms", "libcuda1", "nvidia-smi"}},
    {"fedora",
     "40",
     {},
     {"kernel-devel-matched", "kernel-headers", "akmod-nvidia", "xorg-x11-drv-nvidia", "xorg-x11-drv-nvidia-cuda"}},
    {"fedora",
     "42",
     {{"headless", true}},
     {"kernel-devel-matched", "kernel-headers", "akmod-nvidia", "xorg-x11-drv-nvidia-cuda"}},
    {"fedora", "42", {{"source", "cuda_repo"}}, {"kernel-devel-matched", "kernel-headers", "nvidia-open"}},
    {"fedora",
     "43",
     {},
     {"kernel-devel-matched", "kernel-headers", "akmod-nvidia", "xorg-x11-drv-nvidia", "xorg-x11-drv-nvidia-cuda"}},
    {"fedora",
     "44",
     {{"source", "cuda_repo"}, {"branch", "580"}},
     {"kernel-devel-matched", "kernel-headers", "nvidia-open=3:580.95.05-1.fc42"}},
    {"rocky",
     "10.0",
     {{"branch", "580"}},
     {"kernel-devel-matched", "kernel-headers", "nvidia-open=3:580.95.05-1.fc42"}},
};

TEST(NvidiaDriver, KeepsTheLawsAndAsksForTheRightPackages) {
  for (const Case& one : cases) {
    SCOPED_TRACE(std::string(one.id) + " " + one.version + " " + Value(one.given).json());
    FakeHost host = machine(one.id, one.version);
    EXPECT_EQ(requests(one.given, host), one.packages);
    const Module& module = module_for(host.system());
    expect_laws(module, args(one.given), host);
    EXPECT_TRUE(host.stat("/etc/modprobe.d/blacklist-nouveau.conf"));
    Map gone;
    if (const Value* source = one.given.find("source")) gone.set("source", *source);
    gone.set("state", "absent");
    expect_laws(module, args(gone), host);
    EXPECT_THAT(driver_packages(host.packages()), IsEmpty());
    EXPECT_FALSE(host.stat("/etc/modprobe.d/blacklist-nouveau.conf"));
  }
}

TEST(NvidiaDriver, EnablesTheStreamOfRhel9First) {
  FakeHost host = machine("rocky", "9.4");
  host.answers_with([](FakeHost&, const Strings& argv) {
    return argv[0] == "dnf" && argv.at(2) == "module" ? std::optional(Output{}) : std::nullopt;
  });
  const Plan plan = expect_laws(rhel, args({{"branch", "580"}}), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{"stream of dnf's module nvidia-driver", std::nullopt, "580-open"}));
  EXPECT_THAT(host.content("/etc/dnf/modules.d/nvidia-driver.module"), HasSubstr("stream=580-open\n"));
}

TEST(NvidiaDriver, KnowsTheArchitectureOfEveryCardInTheTable) {
  const std::pair<const char*, const char*> known[] = {
      {"1023", "Kepler"},    {"102d", "Kepler"},    {"1380", "Maxwell"},   {"17fd", "Maxwell"},   {"15f8", "Pascal"},
      {"1b80", "Pascal"},    {"1c82", "Pascal"},    {"1db1", "Volta"},     {"1d81", "Volta"},     {"1e04", "Turing"},
      {"2188", "Turing"},    {"1eb8", "Turing"},    {"20b0", "Ampere"},    {"20f1", "Ampere"},    {"2484", "Ampere"},
      {"25b6", "Ampere"},    {"2204", "Ampere"},    {"2684", "Ada"},       {"2882", "Ada"},       {"27b8", "Ada"},
      {"2330", "Hopper"},    {"2342", "Hopper"},    {"2901", "Blackwell"}, {"2b85", "Blackwell"}, {"2f04", "Blackwell"},
      {"2d83", "Blackwell"}, {"3182", "Blackwell"}, {"31c2", "Blackwell"}, {"2e12", "Blackwell"}, {"ffff", ""}};
  for (const auto& [device, architecture] : known) EXPECT_EQ(architecture_of(device), architecture) << device;
}

TEST(NvidiaDriver, TakesWhatTheCardAllows) {
  EXPECT_THAT(requests({}, machine("ubuntu", "22.04", "1b80")), Contains("nvidia-driver-580"))
      << "Pascal: not the open one";
  EXPECT_THAT(requests({}, machine("ubuntu", "22.04", "1023")), Contains("nvidia-driver-470"))
      << "Kepler ends with 470";
  EXPECT_THAT(requests({}, machine("ubuntu", "22.04", "2b85")), Contains("nvidia-driver-580-open"))
      << "Blackwell: only open";
  EXPECT_THAT(requests({{"source", "cuda_repo"}}, machine("ubuntu", "22.04", "1db1")), Contains("cuda-drivers-580"));
  EXPECT_THAT(error_of({{"branch", "550"}}, machine("ubuntu", "22.04", "2b85")).hints(),
              Contains(HasSubstr("does not serve this card yet, the first that does is 570")));
  EXPECT_THAT(error_of({{"minimum", "590"}}, machine("ubuntu", "22.04", "1b80")).hints(),
              Contains(HasSubstr("is older than 590")));
  EXPECT_EQ(error_of({{"modules", "open"}}, machine("ubuntu", "22.04", "1b80")).argument(), "modules");
  EXPECT_EQ(error_of({{"modules", "proprietary"}}, machine("ubuntu", "22.04", "2b85")).argument(), "modules");
  EXPECT_THAT(error_of({}, machine("debian", "12", "2b85")).hints(), Contains(HasSubstr("the first that does is 570")));
}

TEST(NvidiaDriver, RefusesCardsThatNoDriverServesTogether) {
  FakeHost host = machine("ubuntu", "22.04", "1b80");
  with_card(host, "2b85", "0000:02:00.0");
  const Error error = error_of({}, host);
  EXPECT_EQ(error.message(), "no driver serves the cards of this machine together: Pascal and Blackwell");
}

TEST(NvidiaDriver, RefusesAMachineWithoutACard) {
  FakeHost host = machine("ubuntu", "22.04", "");
  EXPECT_EQ(error_of({}, host).message(), "there is no NVIDIA card on the PCI bus of this machine");
  expect_laws(ubuntu, args({{"without_card", true}}), host);
}

TEST(NvidiaDriver, KeepsADriverThatDoesUnlessTheNewestIsAsked) {
  FakeHost host = machine("ubuntu", "22.04");
  expect_laws(ubuntu, args({{"branch", "550"}}), host);
  EXPECT_THAT(ubuntu.check(args(), host).steps, IsEmpty());
  EXPECT_THAT(ubuntu.check(args({{"minimum", "550.54.14"}}), host).steps, IsEmpty());
  EXPECT_THAT(requests({{"state", "latest"}}, host), Contains("nvidia-driver-580-open"));
  EXPECT_THAT(requests({{"minimum", "575.57.08"}}, host), Contains("nvidia-driver-580-open"));
}

TEST(NvidiaDriver, RefusesABranchThatWasRetired) {
  const Error error = error_of({{"branch", "565"}, {"flavour", "server"}}, machine("ubuntu", "22.04"));
  EXPECT_EQ(error.message(), "driver 565 was retired: 'nvidia-driver-565-server' brings 580.95.05");
  EXPECT_THAT(error.hints(), ElementsAre("say branch: 580"));
}

TEST(NvidiaDriver, IsStoppedBySecureBootBeforeAnythingIsInstalled) {
  const auto secure = [](FakeHost host) {
    host.with_file("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                   std::string("\6\0\0\0\1", 5));
    return host;
  };
  FakeHost host = secure(machine("ubuntu", "22.04"));
  EXPECT_EQ(error_of({{"branch", "550"}}, host).argument(), "secure_boot");
  EXPECT_EQ(error_of({}, host).message(), "no error") << "signed modules load";
  EXPECT_EQ(error_of({{"branch", "550"}, {"secure_boot", "proceed"}}, host).message(), "no error");
  host.with_file("/var/lib/shim-signed/mok/MOK.der", "")
      .answers({"mokutil", "--test-key", "/var/lib/shim-signed/mok/MOK.der"},
               {.rc = 1, .out = "MOK.der is already enrolled\n"});
  EXPECT_EQ(error_of({{"branch", "550"}}, host).message(), "no error") << "its key is enrolled";
  EXPECT_THAT(error_of({}, secure(machine("fedora", "42"))).hints(), Contains(HasSubstr("kmodgenca")));
}

TEST(NvidiaDriver, DoesNotPullADriverAwayFromProgramsThatUseIt) {
  FakeHost host = machine("ubuntu", "22.04");
  host.with_file("/sys/module/nvidia/version", "550.163.01\n").with_file("/sys/module/nvidia/refcnt", "12\n");
  host.with_directory("/sys/module/nvidia/holders/nvidia_uvm");
  const Error error = error_of({{"branch", "580"}}, host);
  EXPECT_EQ(error.message(), "driver 550.163.01 is loaded and in use, and 580.95.05 would replace its files");
  for (const Map& given :
       {Map{{"branch", "580"}, {"in_use", "replace"}}, Map{{"branch", "580"}, {"reboot", "if_needed"}}})
    EXPECT_EQ(error_of(given, host).message(), "no error");
  host.with_file("/sys/module/nvidia/refcnt", "1\n");
  EXPECT_EQ(error_of({{"branch", "580"}}, host).message(), "no error") << "only another of its modules holds it";
}

TEST(NvidiaDriver, ReportsWhyARebootIsNeeded) {
  const auto reasons = [](FakeHost& host) {
    const Plan plan = ubuntu.check(args(), host);
    const Value* value = plan.result.find("reboot_reasons");
    return value && !value->list().empty() ? value->list()[0].string() : "none";
  };
  FakeHost host = machine("ubuntu", "22.04");
  expect_laws(ubuntu, args(), host);
  EXPECT_THAT(reasons(host), HasSubstr("not loaded yet"));
  host.with_file("/sys/module/nvidia/version", "580.95.05\n");
  EXPECT_EQ(reasons(host), "none");
  host.with_file("/sys/module/nvidia/version", "550.163.01\n");
  EXPECT_EQ(reasons(host), "module 550.163.01 is loaded, 580.95.05 is installed");
  host.with_directory("/sys/module/nouveau");
  EXPECT_EQ(reasons(host), "nouveau is loaded and has the card");
  const Plan plan = ubuntu.check(args({{"reboot", "if_needed"}}), host);
  ASSERT_THAT(plan.steps, testing::SizeIs(1));
  EXPECT_TRUE(plan.steps[0].event);
}

TEST(NvidiaDriver, RefusesToMixWithTheRunInstaller) {
  FakeHost host = machine("ubuntu", "22.04");
  host.with_file("/usr/bin/nvidia-uninstall", "");
  EXPECT_THAT(error_of({}, host).message(), HasSubstr(".run installer"));
}

TEST(NvidiaDriver, RepairsADriverThatIsHalfInstalled) {
  FakeHost host = machine("ubuntu", "22.04");
  host.package_db().record({.name = "nvidia-dkms-550",
                            .version = "550.163.01-0ubuntu1",
                            .architecture = "amd64",
                            .state = Package::State::half_configured});
  const Plan plan = expect_laws(ubuntu, args({{"branch", "550"}}), host);
  EXPECT_TRUE(std::holds_alternative<RepairPackages>(plan.steps.at(0).actions.at(0)));
  EXPECT_THAT(plan.notes, Contains("an interrupted run left the driver half installed: nvidia-dkms-550"));
}

TEST(NvidiaDriver, RefusesAKernelWithoutHeaders) {
  FakeHost host = machine("ubuntu", "22.04");
  FakeHost other = machine("debian", "12");
  System system = other.system();
  system.kernel = "6.18.5";
  FakeHost odd(system);
  with_card(odd, "2484");
  odd.package_db()
      .refreshed_at(1.7e9)
      .offers("nvidia-driver", {"535.261.03-1"})
      .offers("nvidia-kernel-dkms", {"535.261.03-1"});
  EXPECT_EQ(error_of({}, odd).argument(), "headers");
  EXPECT_EQ(error_of({{"branch", "550"}, {"build", "prebuilt"}}, host).argument(), "build");
}

TEST(NvidiaDriver, AnswersWishesThatCannotBe) {
  const FakeHost host = machine("ubuntu", "22.04");
  EXPECT_EQ(error_of({{"branch", "580-server"}}, host).argument(), "branch");
  EXPECT_EQ(error_of({{"minimum", ">=550"}}, host).argument(), "minimum");
  EXPECT_EQ(error_of({{"source", "rpmfusion"}}, host).argument(), "source");
  EXPECT_EQ(error_of({{"source", "distro"}}, machine("fedora", "42")).argument(), "source");
  EXPECT_EQ(error_of({{"branch", "999"}}, host).message(), "driver 999 for Ampere is not to be had from 'distro'");
}

TEST(NvidiaDriver, LeavesOtherPackagesOfThatNameAlone) {
  FakeHost host = machine("ubuntu", "22.04");
  for (const char* name :
       {"nvidia-container-toolkit", "libnvidia-container1", "nvidia-cuda-toolkit", "nvidia-driver-550"})
    host.package_db().installed(name, "1");
  EXPECT_THAT(driver_packages(host.packages()), ElementsAre("nvidia-driver-550"));
}

}  // namespace
}  // namespace agent::nvidia_driver
