#include "torch_verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

#include <agent/sdk/python.hpp>

namespace agent::torch_verify {
namespace {

using test::answering;
using test::chain_of;
using test::FakeHost;
using test::machine_with_environment;
using test::machine_with_gpu;
using test::probe_says;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Path site = "/ml/env/lib/python3.11/site-packages";

/// What the probe said of torch 2.13.0+cpu on a real Debian 12.
const std::string cpu_report =
    R"({"python": "3.11.2", "executable": "/ml/env/bin/python", "warnings": [], "devices": [], "environment": {},)"
    R"( "framework": "2.13.0+cpu", "file": "/ml/env/lib/python3.11/site-packages/torch/__init__.py", "cuda_build": null,)"
    R"( "rocm_build": null, "import_seconds": 2.4, "numpy": null, "cudnn": null, "available": false,)"
    R"( "cuda_error": "AssertionError: Torch not compiled with CUDA enabled", "seconds": 2.6})";

std::string cuda_report(const std::string& rest) {
  return R"({"python": "3.11.2", "executable": "/ml/env/bin/python", "warnings": [], "environment": {}, "framework": "2.5.1+cu124",)"
         R"( "cuda_build": "12.4", "rocm_build": null, "numpy": "2.1.0", "cudnn": 90100, )" +
         rest + "}";
}

std::string device(const std::string& name, const std::string& capability,
                   const std::string& rest = "\"works\": true") {
  return R"({"index": 0, "name": ")" + name + R"(", "capability": ")" + capability + R"(", "memory_mib": 24000, )" +
         rest + "}";
}

std::string with_devices(const std::string& devices) {
  return cuda_report(R"("available": true, "arch_list": ["sm_50", "sm_80", "sm_86", "sm_90"], "devices": [)" + devices +
                     "]");
}

Args args(Map more = {}) {
  Map map{{"venv", "/ml/env"}};
  map.merge(more);
  return arguments().spec().check(map);
}

std::string refusal(const Args& wanted, FakeHost host, const Output& output) {
  return test::refusal(*any(), wanted, answering(host, output));
}

Map result(const Args& wanted, FakeHost host, const Output& output) {
  return test::verified(*any(), wanted, answering(host, output));
}

TEST(TorchThatWorksOnTheCpu, IsAcceptedWithWhatItIs) {
  FakeHost host = machine_with_environment();
  const Plan plan = test::expect_laws(*any(), args({{"version", "2.13.0"}}), answering(host, probe_says(cpu_report)));
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.result.find("torch")->string(), "2.13.0+cpu");
  EXPECT_FALSE(plan.result.find("cuda_available")->boolean());
  EXPECT_FALSE(plan.result.contains("cuda"));
  EXPECT_EQ(host.queried().front().at(0), "/ml/env/bin/python");
}

TEST(TorchThatWorksOnTheCpu, IsNotEnoughWhereCudaIsRequired) {
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), machine_with_gpu("550.54.15"), probe_says(cpu_report)),
              HasSubstr("CUDA cannot be used: torch 2.13.0+cpu in '/ml/env' was built without it\nhint: install a CUDA "
                        "build\nhint: as a task: pip: {name: torch, version: 2.13.0+cu126, index_url: "
                        "https://download.pytorch.org/whl/cu126}"));
}

TEST(TorchThatWorksOnTheCpu, IsSaidToNeedAnotherBuildTooWhereTheCardIsMissing) {
  const std::string said = refusal(args({{"cuda", "required"}}), machine_with_environment(), probe_says(cpu_report));
  EXPECT_THAT(said, HasSubstr("CUDA cannot be used: there is no NVIDIA GPU on this machine"));
  EXPECT_THAT(said, HasSubstr("then torch 2.13.0+cpu is to be replaced as well: it was built without CUDA"));
}

TEST(TorchThatWorksOnTheCpu, IsNotedWhereThereIsAGpu) {
  FakeHost host = machine_with_gpu();
  const Plan plan = any()->check(args(), answering(host, probe_says(cpu_report)));
  EXPECT_THAT(plan.notes,
              ElementsAre(HasSubstr("torch computes on the CPU only: CUDA cannot be used: torch 2.13.0+cpu")));
  EXPECT_EQ(plan.result.find("diagnosis")->string(), "cpu_only_build");
}

TEST(TorchThatWorksOnTheCpu, HasNoDiagnosisWhereThereIsNoGpu) {
  const Map found = result(args(), machine_with_environment(), probe_says(cpu_report));
  EXPECT_TRUE(found.find("diagnosis")->is_null());
  EXPECT_EQ(chain_of(found),
            "card none, kernel_module none, driver none, userland none, device_nodes none, framework ok, build none, "
            "capability none, compute none, cudnn none, throughput none");
}

TEST(TorchThatWorksOnGpus, ReturnsThem) {
  FakeHost host = machine_with_gpu("550.54.15");
  const Plan plan = any()->check(args({{"cuda", "required"}}),
                                 answering(host, probe_says(with_devices(device("NVIDIA A10", "8.6")))));
  EXPECT_EQ(plan.result.find("devices")->list().at(0)["capability"].string(), "8.6");
  EXPECT_EQ(plan.result.find("cudnn")->integer(), 90100);
  EXPECT_EQ(plan.result.find("driver")->string(), "550.54.15");
  EXPECT_TRUE(plan.result.find("diagnosis")->is_null());
  EXPECT_EQ(
      chain_of(plan.result),
      "card ok, kernel_module ok, driver ok, userland ok, device_nodes ok, framework ok, build ok, capability ok, "
      "compute ok, cudnn ok, throughput none");
}

TEST(TorchThatWorksOnGpus, MustBeAsFastAsAskedFor) {
  const auto slow = probe_says(with_devices(device("A10", "8.6", R"("works": true, "tflops": 3.5)")));
  EXPECT_THAT(refusal(args({{"min_tflops", 20.0}}), machine_with_gpu(), slow),
              HasSubstr("GPU 0 (A10) computes with 3.5 TFLOPS, and 20.0 are asked for"));
  const Map found = result(args({{"min_tflops", 2.0}}), machine_with_gpu(), slow);
  EXPECT_THAT(chain_of(found), HasSubstr("throughput ok"));
}

TEST(TorchThatWorksOnGpus, MustFindAsManyAsAskedFor) {
  EXPECT_THAT(refusal(args({{"min_devices", 2}}), machine_with_gpu(), probe_says(with_devices(device("A10", "8.6")))),
              HasSubstr("1 GPU works, and 2 are asked for"));
}

TEST(TorchOfAnotherVersion, IsRefused) {
  EXPECT_EQ(refusal(args({{"version", ">=2.14,<3"}}), machine_with_environment(), probe_says(cpu_report)),
            "torch in '/ml/env' is 2.13.0+cpu, and '>=2.14,<3' is asked for\n"
            "hint: install that one\nhint: as a task: pip: {name: torch, version: \">=2.14,<3\"}");
}

struct Broken {
  std::string driver, report, id, expected, chain;
};
class TorchOnABrokenChain : public ::testing::TestWithParam<Broken> {};

TEST_P(TorchOnABrokenChain, NamesTheLinkAndTheWayOut) {
  const auto& [driver, report, id, expected, chain] = GetParam();
  const FakeHost host = driver == "no gpu" ? machine_with_environment() : machine_with_gpu(driver);
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), host, probe_says(report)), HasSubstr(expected));
  const Map found = result(args({{"cuda", "required"}}), host, probe_says(report));
  EXPECT_EQ(found.find("diagnosis")->string(), id);
  EXPECT_THAT(chain_of(found), HasSubstr(chain));
}

std::string failing(const std::string& error) {
  return cuda_report(R"("available": false, "cuda_error": ")" + error + "\"");
}
std::string failing_device(const std::string& error) {
  return with_devices(device("A10", "8.6", R"x("works": false, "error": ")x" + error + "\""));
}

INSTANTIATE_TEST_SUITE_P(
    Table, TorchOnABrokenChain,
    ::testing::Values(
        Broken{
            "450.51.06",
            failing("RuntimeError: The NVIDIA driver on your system is too old (found version 11000). Please update"),
            "driver_too_old",
            "CUDA cannot be used: the driver 450.51.06 offers CUDA 11.0, and torch 2.5.1+cu124 needs CUDA 12.4, "
            "that is driver 525.60.13 or newer\nhint: install a newer driver, or a build for an older CUDA\n"
            "hint: as a task: nvidia_driver: {minimum: \"525.60.13\"}",
            "kernel_module ok, driver broken, userland untested, device_nodes untested, framework ok, build ok, "
            "capability untested"},
        Broken{
            "525.85.12",
            R"({"framework": "2.19.0", "cuda_build": "14.0", "environment": {}, "available": false, "cuda_error": "RuntimeError: The NVIDIA driver on your system is too old (found version 12000). Please update"})",
            "driver_too_old", "the driver 525.85.12 offers CUDA 12.0, and torch 2.19.0 needs CUDA 14.0",
            "driver broken"},
        Broken{"no gpu", failing("RuntimeError: Found no NVIDIA driver on your system."), "no_card",
               "CUDA cannot be used: there is no NVIDIA GPU on this machine", "card broken, kernel_module none"},
        Broken{"", failing("RuntimeError: Found no NVIDIA driver on your system."), "driver_not_installed",
               "there is an NVIDIA GPU, and no NVIDIA driver is installed; CUDA 12.4 needs driver 525.60.13 or newer",
               "card ok, kernel_module broken, driver untested"},
        Broken{"535.1",
               failing("RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 803: system has unsupported "
                       "display driver / cuda driver combination"),
               "library_mismatch", "the loaded module and the driver's libraries are of different versions",
               "driver ok, userland broken"},
        Broken{"535.1", failing("RuntimeError: Error 802: system not yet initialized"), "fabric_manager",
               "the fabric manager of this NVSwitch machine is not running", "driver broken"},
        Broken{"535.1", failing("RuntimeError: Error 804: forward compatibility was attempted on non supported HW"),
               "forward_compatibility", "cuda-compat's libcuda comes first", "userland broken"},
        Broken{
            "535.1",
            cuda_report(R"("available": false, "warnings": ["CUDA initialization: CUDA unknown error - this may be"])"),
            "uvm_broken", "nvidia_uvm does not answer", "driver broken"},
        Broken{
            "535.1",
            R"({"framework": "2.5.1", "cuda_build": "12.4", "environment": {"CUDA_VISIBLE_DEVICES": ""}, "available": false, "cuda_error": "RuntimeError: No CUDA GPUs are available"})",
            "gpu_hidden", "CUDA_VISIBLE_DEVICES is '', which hides every GPU", "device_nodes broken"},
        Broken{
            "535.1",
            R"({"framework": "2.5.1+rocm6.2", "rocm_build": "6.2", "cuda_build": null, "available": false, "environment": {}})",
            "rocm_build", "torch 2.5.1+rocm6.2 was built for ROCm (AMD)", "build broken"},
        Broken{
            "535.1",
            with_devices(device(
                "NVIDIA GeForce RTX 5090", "12.0",
                R"("works": false, "error": "RuntimeError: CUDA error: no kernel image is available for execution on the device")")),
            "capability_not_in_build",
            "torch 2.5.1+cu124 has no code for GPU 0 (NVIDIA GeForce RTX 5090): its capability is 12.0, and the build "
            "is for sm_50, sm_80, sm_86, sm_90\nhint: capabilities of 10.0 and above need a build for CUDA 12.8 or "
            "newer\nhint: as a task: pip: {name: torch, index_url: https://download.pytorch.org/whl/cu128}",
            "build ok, capability broken, compute untested"},
        Broken{"535.1",
               with_devices(
                   device("Tesla K40", "3.5",
                          R"("works": false, "error": "RuntimeError: CUDA error: no kernel image is available")")),
               "capability_not_in_build", "builds for CUDA 12.6 are the last for capabilities below 7.5", ""},
        Broken{"535.1", failing_device("OutOfMemoryError: CUDA out of memory."), "out_of_memory",
               "the GPU's memory is used up by other programs", "capability ok, compute broken, cudnn untested"},
        Broken{"535.1", failing_device("RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED"), "out_of_memory",
               "cuDNN could not start", "compute broken"},
        Broken{"535.1", failing_device("OSError: libcudnn_cnn_infer.so.8: cannot open shared object file"),
               "cudnn_missing", "a library of cuDNN is missing or of another version ('libcudnn_cnn_infer.so.8')",
               "cudnn broken"},
        Broken{"535.1", failing_device("computed something else than the CPU (difference 3)"), "wrong_result",
               "GPU 0 (A10) does not compute with torch 2.5.1+cu124: the GPU computes something else than the CPU",
               "compute broken"},
        Broken{"535.1", failing_device("RuntimeError: CUDA error: an illegal instruction was encountered"),
               "compute_failed", "CUDA error: an illegal instruction was encountered", "compute broken"}));

struct Import {
  std::string error, expected;
};
class TorchThatCannotBeImported : public ::testing::TestWithParam<Import> {};

TEST_P(TorchThatCannotBeImported, SaysWhy) {
  const std::string report = R"({"failed": "import", "error": ")" + GetParam().error + R"(", "environment": {}})";
  EXPECT_THAT(refusal(args(), machine_with_environment(), probe_says(report)), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Table, TorchThatCannotBeImported,
    ::testing::Values(
        Import{"ModuleNotFoundError: No module named 'torch'",
               "torch in '/ml/env' cannot be imported: torch is not installed there\nhint: install it\n"
               "hint: as a task: pip: {name: torch}"},
        Import{"ModuleNotFoundError: No module named 'typing_extensions'", "a package that it needs is missing"},
        Import{"ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
               "a library of cuDNN is missing or of another version ('libcudnn.so.9')"},
        Import{"ImportError: libcublas.so.12: cannot open shared object file: No such file or directory",
               "a shared library that the framework needs is missing ('libcublas.so.12')"},
        Import{"ImportError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.28' not found",
               "needs a newer C library"},
        Import{"ImportError: libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent", "does not go with MKL 2024.1"},
        Import{"AttributeError: partially initialized module 'torch' has no attribute 'Tensor'",
               "a file of the framework's name"},
        Import{"ValueError: something new", "torch in '/ml/env' cannot be imported: ValueError: something new"}));

TEST(TorchForNumpy1, SaysThatNumpy2IsInTheWay) {
  EXPECT_THAT(
      refusal(
          args(), machine_with_environment(),
          probe_says(
              R"({"framework": "2.2.0", "numpy": "2.0.0", "numpy_error": "RuntimeError: Numpy is not available", "environment": {}})",
              "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash.\n")),
      HasSubstr("torch 2.2.0 and numpy 2.0.0 do not go together: the framework was built for NumPy 1, and NumPy 2 is "
                "installed\nhint: install NumPy 1, or a newer framework\nhint: as a task: pip: {name: \"numpy<2\"}"));
}

struct Cut {
  Output output;
  std::string expected;
};
class TorchProbeThatIsCutOff : public ::testing::TestWithParam<Cut> {};

TEST_P(TorchProbeThatIsCutOff, SaysHowFarItCame) {
  EXPECT_THAT(refusal(args(), machine_with_environment(), GetParam().output), HasSubstr(GetParam().expected));
}

const std::string importing = "\nagent-verify:stage \"import\"\n";
INSTANTIATE_TEST_SUITE_P(
    Table, TorchProbeThatIsCutOff,
    ::testing::Values(
        Cut{{.rc = 1, .out = importing, .err = "Timeout (0:03:00)!\nThread 0x00007f (most recent call first):\n"},
            "torch in '/ml/env' did not finish within 180 s: it was importing torch\nhint: a slow disk or a cold "
            "cache"},
        Cut{{.rc = 1, .out = importing + "\nagent-verify:stage \"device 0\"\n", .err = "Timeout (0:03:00)!\n"},
            "it was computing (device 0)\nhint: a GPU that hangs shows in `dmesg`"},
        Cut{{.rc = 132, .out = importing}, "SIGILL while importing torch: this processor lacks instructions"},
        Cut{{.rc = 137, .out = importing},
            "was killed while importing torch: most likely the machine ran out of memory"},
        Cut{{.rc = 139, .out = importing}, "crashed while importing torch (signal 11)"},
        Cut{{.rc = 127}, "the Python of '/ml/env' cannot be started"},
        Cut{{.rc = 1,
             .err = "Fatal Python error: init_fs_encoding\nModuleNotFoundError: No module named 'encodings'\n"},
            "failed while starting Python"}));

TEST(TorchInADryRun, IsUnknownWhileItIsOnlyPromised) {
  FakeHost host = machine_with_environment();
  for (const auto& [path, content] : predicted_package(site, "torch", "2.13.0")) host.with_file(path, content);
  EXPECT_THROW(any()->check(args(), host), Unknown);
  EXPECT_THAT(host.queried(), IsEmpty());
}

TEST(TorchInADryRun, IsUnknownWhereTheCommandWasNotRun) {
  FakeHost host = machine_with_environment();
  EXPECT_THROW(any()->check(args(), answering(host, {.unknown = {"'/ml/env' would be changed"}})), Unknown);
}

TEST(TorchVerifyWithWrongArguments, SaysWhatIsWrong) {
  EXPECT_THAT(refusal(args({{"venv", "/none"}}), machine_with_environment(), {}),
              HasSubstr("there is no virtual environment '/none'"));
  EXPECT_THAT(refusal(args({{"version", "newest"}}), machine_with_environment(), {}),
              HasSubstr("'newest' is no version"));
  EXPECT_THAT(refusal(args({{"cuda", "none"}, {"min_devices", 1}}), machine_with_environment(), {}),
              HasSubstr("'min_devices' asks for GPUs"));
  EXPECT_THAT(refusal(args({{"timeout", 0}}), machine_with_environment(), {}), HasSubstr("'timeout' is 0"));
}

}  // namespace
}  // namespace agent::torch_verify
