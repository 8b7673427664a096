// Machines as sysfs, procfs and the package database show them, built from the documented formats (see
// tests/agent/host/machines/README.md): none of them was captured on real hardware.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/printing.hpp>

#include <agent/host/facts.hpp>
#include <agent/sdk/codec.hpp>

namespace agent {
namespace {

using test::FakeHost;

FakeHost& with_card(FakeHost& host, const std::string& address, const std::string& device,
                    const std::string& kind = "0x030000", const std::string& vendor = "0x10de") {
  const Path directory = Path("/sys/bus/pci/devices") / address;
  host.with_file(directory / "vendor", vendor + "\n");
  host.with_file(directory / "device", "0x" + device + "\n");
  host.with_file(directory / "class", kind + "\n");
  return host;
}

/// A card, and no driver at all.
FakeHost bare_machine() {
  FakeHost host(test::ubuntu());
  with_card(host, "0000:01:00.0", "2484");
  with_card(host, "0000:01:00.1", "228b", "0x040300");  // its sound device
  host.answers({"modinfo", "-F", "license", "nvidia"}, {1, "", "modinfo: ERROR: Module nvidia not found.\n"});
  host.answers({"modinfo", "-F", "version", "nvidia"}, {1, "", "modinfo: ERROR: Module nvidia not found.\n"});
  return host;
}

const char* const smi_fields = "--query-gpu=index,name,uuid,driver_version,memory.total,compute_cap";

/// A card with the driver of branch 550 at work.
FakeHost working_machine() {
  FakeHost host(test::ubuntu());
  with_card(host, "0000:01:00.0", "2484");
  host.with_link("/sys/bus/pci/devices/0000:01:00.0/driver", "../../../../bus/pci/drivers/nvidia");
  host.with_file("/sys/module/nvidia/version", "550.54.15\n");
  host.with_file(
      "/proc/modules",
      "nvidia_uvm 1515520 0 - Live 0x0\nnvidia_drm 77824 4 - Live 0x0\nnvidia 56823808 84 nvidia_uvm, Live 0x0\n");
  host.with_file("/proc/driver/nvidia/version",
                 "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (dvs)\n"
                 "GCC version:  gcc version 12.3.0\n");
  host.with_file("/proc/driver/nvidia/gpus/0000:01:00.0/information",
                 "Model: \t\t NVIDIA GeForce RTX 3070\nIRQ:   \t\t 16\n"
                 "GPU UUID: \t GPU-5a0f2f6c-0000-0000-0000-000000000000\nBus Location: \t 0000:01:00.0\n");
  host.with_file("/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15", "");
  host.with_link("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "libcuda.so.550.54.15");
  host.with_file("/dev/nvidia0", "").with_file("/dev/nvidiactl", "");
  host.answers({"modinfo", "-F", "license", "nvidia"}, {0, "Dual MIT/GPL\n", ""});
  host.answers({"modinfo", "-F", "version", "nvidia"}, {0, "550.54.15\n", ""});
  host.answers({"nvidia-smi", smi_fields, "--format=csv,noheader,nounits"},
               {0, "0, NVIDIA GeForce RTX 3070, GPU-5a0f2f6c, 550.54.15, 8192, 8.6\n", ""});
  host.package_db().installed("nvidia-driver-550-open", "550.54.15-0ubuntu1");
  return host;
}

Value gpu_of(const FakeHost& host, const Environment& environment = {}) {
  return gather_facts({"!all", "!min", "gpu"}, host, environment)["gpu"];
}

TEST(GpuFacts, KnowACardByItsNumberAlone) {
  const Value gpu = gpu_of(bare_machine());
  EXPECT_EQ(gpu["count"], Value(1));
  const Value& card = gpu["devices"].list().at(0);
  EXPECT_EQ(card["name"], Value("GeForce RTX 3070"));
  EXPECT_EQ(card["capability"], Value("8.6"));
  EXPECT_EQ(card["architecture"], Value("Ampere"));
  EXPECT_EQ(card["id"], Value("10de:2484"));
  EXPECT_TRUE(card["driver"].is_null());
  EXPECT_TRUE(gpu["driver"]["loaded"].is_null());
  EXPECT_TRUE(gpu["driver"]["on_disk"].is_null());
  EXPECT_EQ(gpu["driver"]["reboot_pending"], Value(false));
  EXPECT_EQ(gpu.find("smi"), nullptr);
}

TEST(GpuFacts, AreShortOnAMachineWithoutACard) {
  FakeHost host;
  with_card(host, "0000:00:02.0", "9a49", "0x030000", "0x8086");
  const Value gpu = gpu_of(host);
  EXPECT_EQ(gpu["count"], Value(0));
  EXPECT_EQ(gpu.find("driver"), nullptr);
  EXPECT_THAT(host.queried(), ::testing::IsEmpty());
}

TEST(GpuFacts, TellWhatIsLoadedAndWhatNvidiaSmiSays) {
  const FakeHost host = working_machine();
  const Value gpu = gpu_of(host);
  EXPECT_EQ(gpu["driver_version"], Value("550.54.15"));
  EXPECT_EQ(gpu["driver"]["kind"], Value("open"));
  EXPECT_EQ(gpu["driver"]["library"], Value("550.54.15"));
  EXPECT_EQ(gpu["driver"]["mismatch"], Value(false));
  EXPECT_EQ(gpu["driver"]["modules"], Value(Strings{"nvidia", "nvidia_uvm", "nvidia_drm"}));
  EXPECT_EQ(gpu["driver"]["device_nodes"], Value(Strings{"/dev/nvidia0", "/dev/nvidiactl"}));
  EXPECT_EQ(gpu["driver"]["packages"].list().at(0)["name"], Value("nvidia-driver-550-open"));
  EXPECT_EQ(gpu["devices"].list().at(0)["driver"], Value("nvidia"));
  EXPECT_EQ(gpu["devices"].list().at(0)["model"], Value("NVIDIA GeForce RTX 3070"));
  EXPECT_EQ(gpu["smi"]["answers"], Value(true));
  EXPECT_EQ(gpu["smi"]["gpus"].list().at(0)["memory_mb"], Value("8192"));
}

TEST(GpuFacts, SeeThatARestartIsDue) {
  FakeHost host = working_machine();
  host.with_file("/usr/lib64/libcuda.so.580.95.05", "");
  host.answers({"modinfo", "-F", "version", "nvidia"}, {0, "580.95.05\n", ""});
  FakeHost upgraded(host);
  const Value driver = gpu_of(upgraded)["driver"];
  EXPECT_EQ(driver["reboot_pending"], Value(true));
  EXPECT_EQ(driver["reboot_reasons"].list().at(0),
            Value("the loaded module is 550.54.15, the one on the disk 580.95.05"));
}

TEST(GpuFacts, SeeLibrariesThatAreNewerThanTheModule) {
  FakeHost host(test::fedora());
  with_card(host, "0000:01:00.0", "2684");
  host.with_file("/sys/module/nvidia/version", "570.124.06\n");
  host.with_file("/usr/lib64/libcuda.so.580.95.05", "");
  host.answers({"modinfo", "-F", "license", "nvidia"}, {0, "NVIDIA\n", ""});
  host.answers({"modinfo", "-F", "version", "nvidia"}, {0, "570.124.06\n", ""});
  host.answers({"nvidia-smi", smi_fields, "--format=csv,noheader,nounits"},
               {18, "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95\n", ""});
  const Value gpu = gpu_of(host);
  EXPECT_EQ(gpu["driver"]["mismatch"], Value(true));
  EXPECT_EQ(gpu["driver"]["kind"], Value("proprietary"));
  EXPECT_EQ(gpu["smi"]["answers"], Value(false));
  EXPECT_EQ(gpu["smi"]["rc"], Value(18));
}

TEST(GpuFacts, AskAnOldNvidiaSmiAgainWithoutTheCapability) {
  FakeHost host = working_machine();
  host.answers({"nvidia-smi", smi_fields, "--format=csv,noheader,nounits"},
               {2, "Field \"compute_cap\" is not a valid field to query.\n", ""});
  host.answers(
      {"nvidia-smi", "--query-gpu=index,name,uuid,driver_version,memory.total", "--format=csv,noheader,nounits"},
      {0, "0, GeForce RTX 3070, [N/A], 460.32.03, 7982\n", ""});
  const Value card = gpu_of(host)["smi"]["gpus"].list().at(0);
  EXPECT_EQ(card["driver_version"], Value("460.32.03"));
  EXPECT_TRUE(card["uuid"].is_null());
}

TEST(GpuFacts, SeeNouveauAndWhoForbidsIt) {
  FakeHost host = bare_machine();
  host.with_file("/proc/modules", "nouveau 2400256 1 - Live 0x0\n");
  EXPECT_EQ(gpu_of(host)["nouveau"], Value(Map{{"loaded", true}, {"blacklisted", false}, {"files", Strings{}}}));
  host.with_file("/etc/modprobe.d/nvidia.conf", "# by hand\nblacklist   nouveau\noptions nouveau modeset=0\n");
  EXPECT_EQ(gpu_of(host)["nouveau"]["files"], Value(Strings{"/etc/modprobe.d/nvidia.conf"}));
}

TEST(GpuFacts, ReadSecureBootFromTheFirmware) {
  const std::string variable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  FakeHost bios = bare_machine(), off = bare_machine(), on = bare_machine(), silent = bare_machine();
  EXPECT_EQ(gpu_of(bios)["secure_boot"], Value(false));
  off.with_file(variable, std::string("\x06\0\0\0\0", 5));
  EXPECT_EQ(gpu_of(off)["secure_boot"], Value(false));
  on.with_file(variable, std::string("\x06\0\0\0\1", 5));
  EXPECT_EQ(gpu_of(on)["secure_boot"], Value(true));
  silent.with_directory("/sys/firmware/efi").with_unreadable(variable);
  EXPECT_TRUE(gpu_of(silent)["secure_boot"].is_null());
}

TEST(GpuFacts, TellHowFarDkmsCame) {
  FakeHost host = bare_machine();
  host.with_directory("/var/lib/dkms/nvidia/550.54.15/source");
  EXPECT_EQ(gpu_of(host)["driver"]["dkms"].list().at(0)["state"], Value("added"));
  host.with_directory("/var/lib/dkms/nvidia/550.54.15/6.8.0-40-generic/x86_64/module");
  EXPECT_EQ(gpu_of(host)["driver"]["dkms"].list().at(0)["state"], Value("built"));
  host.with_file("/lib/modules/6.8.0-40-generic/updates/dkms/nvidia.ko.zst", "");
  EXPECT_EQ(gpu_of(host)["driver"]["dkms"].list().at(0)["state"], Value("installed"));
}

TEST(GpuFacts, FindEveryCudaAndWhoIsTheDefault) {
  FakeHost host;
  host.with_file("/usr/local/cuda-12.4/version.json", R"({"cuda": {"name": "CUDA SDK", "version": "12.4.1"}})");
  host.with_file("/usr/local/cuda-12.4/bin/nvcc", "", 0755);
  host.with_file("/usr/local/cuda-11.0/version.txt", "CUDA Version 11.0.228\n");
  host.with_directory("/usr/local/cuda-11.0/lib64");
  host.with_link("/usr/local/cuda", "/etc/alternatives/cuda");
  host.with_link("/etc/alternatives/cuda", "/usr/local/cuda-12.4");
  host.with_file("/var/lib/dpkg/alternatives/cuda", "manual\n/usr/local/cuda\n\n/usr/local/cuda-12.4\n124\n");
  const Value cuda = gpu_of(host)["cuda"];
  ASSERT_EQ(cuda["installed"].list().size(), 2U);
  EXPECT_EQ(cuda["installed"].list()[0]["version"], Value("11.0.228"));
  EXPECT_EQ(cuda["installed"].list()[0]["nvcc"], Value(false));
  EXPECT_EQ(cuda["installed"].list()[1]["version"], Value("12.4.1"));
  EXPECT_EQ(cuda["link"], Value("/etc/alternatives/cuda"));
  EXPECT_EQ(cuda["alternative"], Value("/usr/local/cuda-12.4"));
  EXPECT_EQ(cuda["alternative_mode"], Value("manual"));
}

TEST(GpuFacts, ReadTheVersionOfCudnnFromItsHeader) {
  FakeHost host;
  host.with_file(
      "/usr/include/cudnn_version.h",
      "#ifndef CUDNN_VERSION_H_\n#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 10\n#define CUDNN_PATCHLEVEL 2\n");
  host.with_file("/usr/lib/x86_64-linux-gnu/libcudnn.so.9.10.2", "");
  const Value cudnn = gpu_of(host)["cudnn"];
  EXPECT_EQ(cudnn["version"], Value("9.10.2"));
  EXPECT_EQ(cudnn["libraries"], Value(Strings{"/usr/lib/x86_64-linux-gnu/libcudnn.so.9.10.2"}));
}

TEST(GpuFacts, NameContainerRuntimes) {
  FakeHost host;
  host.with_file("/usr/bin/docker", "", 0755).with_file("/usr/bin/nvidia-ctk", "", 0755);
  host.with_file("/etc/docker/daemon.json", R"({"runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}})");
  host.with_file("/etc/cdi/nvidia.yaml", "");
  const Value found = gpu_of(host)["containers"];
  EXPECT_EQ(found["docker"], Value("/usr/bin/docker"));
  EXPECT_TRUE(found["podman"].is_null());
  EXPECT_EQ(found["docker_runtimes"], Value(Strings{"nvidia"}));
  EXPECT_EQ(found["cdi"], Value(Strings{"/etc/cdi/nvidia.yaml"}));
}

TEST(PretendedFacts, AreLaidOverTheGatheredOnes) {
  const std::string file = std::string(AGENT_SOURCE_DIR) + "/tests/agent/host/machines/rtx3070.json";
  const Value gpu = gpu_of(FakeHost(), {{"AGENT_FACTS", file}});
  EXPECT_EQ(gpu["count"], Value(1));
  EXPECT_EQ(gpu["devices"].list().at(0)["name"], Value("GeForce RTX 3070"));
  EXPECT_EQ(gpu["cuda"]["installed"], Value(List{}));  // as gathered
}

TEST(PretendedFacts, AreNotThereWhenTheirGroupIsNotAskedFor) {
  const std::string file = std::string(AGENT_SOURCE_DIR) + "/tests/agent/host/machines/rtx3070.json";
  const Value facts = gather_facts({"!all", "!min", "cmdline"}, FakeHost(), {{"AGENT_FACTS", file}});
  EXPECT_EQ(facts.find("gpu"), nullptr);
}

TEST(PretendedFacts, AreRefusedWhenTheyCannotBeRead) {
  EXPECT_THROW(gpu_of(FakeHost(), {{"AGENT_FACTS", "/nonexistent.json"}}), Error);
}

}  // namespace
}  // namespace agent
