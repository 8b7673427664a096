#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>

#include <agent/sdk/gpu_diagnosis.hpp>

namespace agent {
namespace {

using test::FakeHost;
using test::machine_with_environment;
using test::machine_with_gpu;
using test::with_card;
using test::with_driver;
using ::testing::HasSubstr;

const Path modules = "/lib/modules/" + FakeHost().system().kernel;

FakeHost changed(FakeHost host, const std::function<void(FakeHost&)>& change) {
  change(host);
  return host;
}

struct Machine {
  std::string id;
  FakeHost host;
  std::string message;
};
class AMachine : public ::testing::TestWithParam<Machine> {};

TEST_P(AMachine, IsDiagnosedAtItsFirstBrokenLink) {
  const auto finding = diagnose_machine(read_gpu_machine(GetParam().host), "12.4", "torch 2.5.1+cu124");
  EXPECT_EQ(finding ? finding->id : "", GetParam().id);
  EXPECT_THAT(finding ? finding->message : "", HasSubstr(GetParam().message));
}

std::vector<Machine> machines() {
  const FakeHost bare = machine_with_environment();
  const auto with = [&](
                        const char* bound, const std::function<void(FakeHost&)>& more = [](FakeHost&) {}) {
    FakeHost host = bare;
    with_card(host, bound);
    more(host);
    return host;
  };
  const std::string firmware = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  return {
      {"no_card", bare, "no NVIDIA GPU"},
      {"", machine_with_gpu("550.54.15"), ""},
      {"card_taken", with("vfio-pci"), "0000:01:00.0 is held by vfio-pci"},
      {"nouveau_loaded", with("nouveau"), "nouveau has it"},
      {"driver_not_installed", with(""), "no NVIDIA driver is installed; CUDA 12.4 needs driver 525.60.13"},
      {"module_for_other_kernel",
       with("", [](FakeHost& host) { host.with_file("/lib/modules/5.4.0-1-generic/updates/dkms/nvidia.ko", ""); }),
       "was built for kernel 5.4.0-1-generic"},
      {"secure_boot",
       with("",
            [&](FakeHost& host) {
              host.with_file(modules / "updates/dkms/nvidia.ko", "").with_file(firmware, std::string("\6\0\0\0\1", 5));
            }),
       "Secure Boot is on"},
      {"module_not_loaded", with("", [&](FakeHost& host) { host.with_file(modules / "updates/dkms/nvidia.ko", ""); }),
       "no NVIDIA driver is loaded"},
      {"container_without_runtime", with("", [](FakeHost& host) { host.with_file("/.dockerenv", ""); }),
       "this container (docker) has no part of the driver"},
      {"container_without_runtime",
       with("nvidia",
            [](FakeHost& host) {
              host.with_file("/proc/driver/nvidia/version",
                             "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue\n")
                  .with_file("/run/.containerenv", "");
            }),
       "the host has the NVIDIA driver 550.54.15, and this container (podman) has no device of it"},
      {"driver_too_old", machine_with_gpu("470.256.02"),
       "the driver in use is 470.256.02, and torch 2.5.1+cu124, built with CUDA 12.4, needs 525.60.13 or newer"},
      {"libcuda_missing",
       with("nvidia",
            [](FakeHost& host) {
              host.with_file("/sys/module/nvidia/version", "550.54.15\n").with_file("/dev/nvidia0", "");
            }),
       "there is no libcuda.so.1"},
      {"library_mismatch", with("nvidia", [](FakeHost& host) { with_driver(host, "535.183.01", "550.54.15"); }),
       "the loaded driver is 535.183.01, and its libraries are 550.54.15"},
      {"no_permission",
       changed(machine_with_gpu("550.54.15"),
               [](FakeHost& host) {
                 host.with_group({.name = "video", .gid = 44, .members = {}})
                     .with_file("/dev/nvidia0", "", 0660, "root", "video")
                     .as(test::alice());
               }),
       "'alice' may not open /dev/nvidia0"},
  };
}

INSTANTIATE_TEST_SUITE_P(Table, AMachine, ::testing::ValuesIn(machines()));

struct Words {
  std::string said, id;
};
class AText : public ::testing::TestWithParam<Words> {};

TEST_P(AText, IsKnownByWhatItSays) {
  const auto finding = diagnose_text(GetParam().said, "tensorflow");
  EXPECT_EQ(finding ? finding->id : "", GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AText,
    ::testing::Values(
        Words{"W tensorflow/stream_executor/platform/default/dso_loader.cc:60] Could not load dynamic library "
              "'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file: No such file",
              "library_missing"},
        Words{"W tensorflow/core/common_runtime/gpu/gpu_device.cc:2251] Cannot dlopen some GPU libraries. Please make "
              "sure the missing libraries mentioned above are installed properly",
              "library_missing"},
        Words{"Could not load library libcudnn_cnn_infer.so.8. Error: libnvrtc.so: cannot open shared object file",
              "cudnn_missing"},
        Words{"E external/xla/xla/stream_executor/cuda/cuda_dnn.cc:535] Loaded runtime CuDNN library: 8.0.5 but source "
              "was compiled with: 8.6.0",
              "cudnn_missing"},
        Words{"failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected", "device_lost"},
        Words{"failed call to cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: system has unsupported display driver",
              "library_mismatch"},
        Words{
            "failed call to cuInit: CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE: forward compatibility was attempted on "
            "non supported HW",
            "forward_compatibility"},
        Words{"RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.", "out_of_memory"},
        Words{"Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.144",
              "library_mismatch"},
        Words{"ModuleNotFoundError: No module named 'tensorflow'", "framework_missing"},
        Words{"CUDA driver version is insufficient for CUDA runtime version", "driver_too_old"},
        Words{"something that nobody has seen", ""}));

TEST(TheDiagnoses, HaveStableIdsThatAreUnique) {
  std::set<std::string_view> ids;
  for (const auto& row : gpu_diagnoses()) EXPECT_TRUE(ids.insert(row.id).second) << row.id;
  for (const char* id : {"no_card", "nouveau_loaded", "module_not_loaded", "library_mismatch", "driver_too_old",
                         "cpu_only_build", "capability_not_in_build", "library_missing", "no_permission",
                         "container_without_runtime", "out_of_memory", "deadline"})
    EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(TheDiagnoses, AreInTheOrderOfTheirLinks) {
  GpuLink last = GpuLink::card;
  for (const auto& row : gpu_diagnoses()) {
    EXPECT_LE(last, row.link) << row.id;
    last = row.link;
  }
}

TEST(AFinding, CarriesItsTaskOnlyWhereNoGapIsLeft) {
  EXPECT_EQ(task_of({.id = "framework_missing", .message = "x"}), std::nullopt);
  EXPECT_EQ(task_of({.id = "framework_missing", .message = "x", .task = "pip: {name: jax}"}), "pip: {name: jax}");
  EXPECT_EQ(task_of({.id = "nouveau_loaded", .message = "x", .task = "-"}), std::nullopt);
}

}  // namespace
}  // namespace agent
