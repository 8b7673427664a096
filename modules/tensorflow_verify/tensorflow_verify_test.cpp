#include "tensorflow_verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::tensorflow_verify {
namespace {

using test::answering;
using test::chain_of;
using test::FakeHost;
using test::machine_with_environment;
using test::machine_with_gpu;
using test::probe_says;
using ::testing::HasSubstr;

/// What the probe said of tensorflow-cpu 2.21 on a real Debian 12, shortened.
const std::string cpu_report =
    R"({"python": "3.11.2", "executable": "/ml/env/bin/python", "warnings": [], "devices": [], "environment": {},)"
    R"( "framework": "2.21.0", "cuda_build": null, "rocm_build": null, "cudnn": null, "arch_list": [],)"
    R"( "numpy": "2.3.1", "available": false, "count": 0, "seconds": 9.1})";

std::string cuda_report(const std::string& rest) {
  return R"({"python": "3.8.10", "warnings": [], "environment": {}, "framework": "2.4.0", "cuda_build": "11.0",)"
         R"( "rocm_build": null, "cudnn": "8", "arch_list": ["sm_35", "sm_50", "sm_60", "sm_70", "sm_75", "compute_80"],)"
         R"( "numpy": "1.19.5", )" +
         rest + "}";
}

Args args(Map more = {}) {
  Map map{{"venv", "/ml/env"}};
  map.merge(more);
  return arguments().spec().check(map);
}

Map result(const Args& wanted, FakeHost host, const Output& output) {
  return test::verified(*any(), wanted, answering(host, output));
}
std::string refusal(const Args& wanted, FakeHost host, const Output& output) {
  return test::refusal(*any(), wanted, answering(host, output));
}

TEST(TensorflowThatWorksOnTheCpu, IsAccepted) {
  FakeHost host = machine_with_environment();
  const Plan plan = test::expect_laws(*any(), args({{"version", "2.*"}}), answering(host, probe_says(cpu_report)));
  EXPECT_EQ(plan.result.find("tensorflow")->string(), "2.21.0");
  EXPECT_TRUE(plan.result.find("diagnosis")->is_null());
}

TEST(TensorflowThatWorksOnTheCpu, IsNoCudaBuildWhereOneIsRequired) {
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), machine_with_gpu("550.54.15"), probe_says(cpu_report)),
              HasSubstr("as a task: pip: {name: \"tensorflow[and-cuda]\", version: 2.21.0}"));
}

TEST(TensorflowOnAGpu, IsAcceptedWithWhatItIs) {
  const auto said = probe_says(cuda_report(
      R"("available": true, "count": 1, "devices": [{"index": 0, "name": "NVIDIA GeForce RTX 3070", "capability": "8.6", "works": true}])"));
  const Map found = result(args({{"cuda", "required"}}), machine_with_gpu("450.80.02"), said);
  EXPECT_EQ(found.find("cuda")->string(), "11.0");
  EXPECT_THAT(chain_of(found), HasSubstr("build ok, capability ok, compute ok, cudnn ok"));
}

TEST(TensorflowThatCannotOpenCudasLibraries, SaysWhichOneFromItsLog) {
  // The log is of the form that TensorFlow 2.4 writes, as many public reports quote it.
  const std::string log =
      "2020-12-20 10:00:00.000001: I tensorflow/stream_executor/platform/default/dso_loader.cc:49] Successfully opened "
      "dynamic library libcuda.so.1\n2020-12-20 10:00:00.000002: W "
      "tensorflow/stream_executor/platform/default/dso_loader.cc:60] Could not load dynamic library "
      "'libcudart.so.11.0'; "
      "dlerror: libcudart.so.11.0: cannot open shared object file: No such file or directory\n";
  const auto said = probe_says(cuda_report(R"("available": false, "count": 0)"), log);
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), machine_with_gpu("450.80.02"), said),
              HasSubstr("a shared library that the framework needs is missing ('libcudart.so.11.0')"));
  EXPECT_EQ(result(args({{"cuda", "required"}}), machine_with_gpu("450.80.02"), said).find("diagnosis")->string(),
            "library_missing");
}

TEST(TensorflowOnAMachineThatBroke, SaysWhereTheChainBroke) {
  const auto said = probe_says(cuda_report(R"("available": false, "count": 0)"));
  EXPECT_EQ(result(args({{"cuda", "required"}}), machine_with_gpu("390.157"), said).find("diagnosis")->string(),
            "driver_too_old");
  FakeHost nouveau = machine_with_environment();
  EXPECT_EQ(result(args({{"cuda", "required"}}), test::with_card(nouveau, "nouveau"), said).find("diagnosis")->string(),
            "nouveau_loaded");
}

TEST(TensorflowOnANewCard, SaysThatTheBuildHasNoCodeForIt) {
  const auto said = probe_says(cuda_report(
      R"("available": true, "count": 1, "devices": [{"index": 0, "name": "Tesla K10", "capability": "3.0", "works": false, "error": "InternalError: no kernel image"}])"));
  EXPECT_THAT(refusal(args(), machine_with_gpu("450.80.02"), said),
              HasSubstr("tensorflow 2.4.0 has no code for GPU 0 (Tesla K10): its capability is 3.0"));
}

TEST(TensorflowThatIsNotThere, SaysHowToInstallIt) {
  const auto said = probe_says(
      R"({"failed": "import", "error": "ModuleNotFoundError: No module named 'tensorflow'", "environment": {}})");
  EXPECT_THAT(refusal(args(), machine_with_environment(), said), HasSubstr("as a task: pip: {name: tensorflow}"));
}

}  // namespace
}  // namespace agent::tensorflow_verify
