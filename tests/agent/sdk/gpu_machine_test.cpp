#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>

#include <agent/sdk/gpu_machine.hpp>

namespace agent {
namespace {

using test::FakeHost;
using test::machine_with_gpu;
using test::with_card;
using test::with_driver;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AMachineWithAGpu, IsReadFromTheKernelAndTheDisk) {
  const GpuMachine machine = read_gpu_machine(machine_with_gpu("550.54.15"));
  ASSERT_EQ(machine.cards.size(), 1u);
  EXPECT_EQ(machine.cards[0].device, "2484");
  EXPECT_EQ(machine.cards[0].bound, "nvidia");
  EXPECT_EQ(machine.loaded, "550.54.15");
  EXPECT_EQ(machine.userland, "550.54.15");
  EXPECT_THAT(machine.nodes, ElementsAre("/dev/nvidia-uvm", "/dev/nvidia0", "/dev/nvidiactl"));
  EXPECT_THAT(machine.forbidden, IsEmpty());
  EXPECT_FALSE(machine.is_open_module);
}

TEST(AMachineWithoutAGpu, HasNothing) {
  const GpuMachine machine = read_gpu_machine(FakeHost());
  EXPECT_THAT(machine.cards, IsEmpty());
  EXPECT_FALSE(machine.has_driver());
  EXPECT_EQ(machine.libcuda, "");
}

TEST(ADriversModuleFile, IsFoundWhereEachDistributionPutsIt) {
  for (const char* file :
       {"updates/dkms/nvidia.ko.xz", "extra/nvidia.ko.zst", "extra/nvidia/nvidia.ko", "kernel/nvidia-550/nvidia.ko",
        "updates/dkms/nvidia-current.ko", "kernel/drivers/video/nvidia.ko.zst"}) {
    FakeHost host;
    host.with_file("/lib/modules/" + host.system().kernel + "/" + file, "");
    EXPECT_TRUE(read_gpu_machine(host).has_module_file) << file;
  }
}

TEST(ADriversModuleFile, ForAnotherKernelIsNamed) {
  FakeHost host;
  host.with_file("/lib/modules/5.4.0-1-generic/updates/dkms/nvidia.ko", "");
  EXPECT_THAT(read_gpu_machine(host).other_kernels, ElementsAre("5.4.0-1-generic"));
}

TEST(ADeviceNode, IsForbiddenToThoseOutsideItsGroup) {
  FakeHost host = machine_with_gpu();
  host.with_group({.name = "video", .gid = 44, .members = {"bob"}})
      .with_file("/dev/nvidia0", "", 0660, "root", "video")
      .as(test::alice());
  const GpuMachine machine = read_gpu_machine(host);
  EXPECT_THAT(machine.forbidden, ElementsAre("/dev/nvidia0"));
  EXPECT_EQ(machine.group, "video");
  host.with_group({.name = "video", .gid = 44, .members = {"alice"}});
}

TEST(SecureBoot, IsReadFromTheFirmwaresVariable) {
  const Path variable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  FakeHost host;
  EXPECT_EQ(read_gpu_machine(host).secure_boot, std::nullopt);
  host.with_file(variable, std::string("\6\0\0\0\1", 5));
  EXPECT_EQ(read_gpu_machine(host).secure_boot, true);
  host.with_file(variable, std::string("\6\0\0\0\0", 5));
  EXPECT_EQ(read_gpu_machine(host).secure_boot, false);
}

struct Module {
  std::string text, version;
};
class TheModulesVersion : public ::testing::TestWithParam<Module> {};

TEST_P(TheModulesVersion, IsReadFromItsSentence) {
  EXPECT_EQ(nvidia_module_version(GetParam().text), GetParam().version);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TheModulesVersion,
    ::testing::Values(
        Module{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n",
               "470.256.02"},
        Module{
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (dvs@x)\nGCC version:  "
            "gcc version 12.2.0 (Debian 12.2.0-14)\n",
            "560.35.03"},
        Module{"NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  580.65.06  Release Build", "580.65.06"},
        Module{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  535", ""}, Module{"", ""}));

struct Fit {
  Strings architectures;
  std::string capability;
  bool runs;
};
class GpuArchitectures : public ::testing::TestWithParam<Fit> {};

TEST_P(GpuArchitectures, AreComparedAsTheDriverDoes) {
  EXPECT_EQ(runs_on(GetParam().architectures, GetParam().capability), GetParam().runs) << GetParam().capability;
}

INSTANTIATE_TEST_SUITE_P(Table, GpuArchitectures,
                         ::testing::Values(Fit{{"sm_80"}, "8.6", true}, Fit{{"sm_86"}, "8.0", false},
                                           Fit{{"sm_80"}, "9.0", false}, Fit{{"compute_80"}, "9.0", true},
                                           Fit{{"compute_90"}, "8.6", false}, Fit{{"sm_90a"}, "9.0", true},
                                           Fit{{"sm_100a"}, "10.3", false}, Fit{{"sm_100f"}, "10.3", true},
                                           Fit{{"sm_90", "sm_120"}, "12.1", true}, Fit{{"sm_100"}, "12.0", false},
                                           Fit{{}, "8.6", false}));

}  // namespace
}  // namespace agent
