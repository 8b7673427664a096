#include "jax_verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/gpu_machines.hpp>
#include <tests/support/laws.hpp>

namespace agent::jax_verify {
namespace {

using test::answering;
using test::chain_of;
using test::FakeHost;
using test::machine_with_environment;
using test::machine_with_gpu;
using test::probe_says;
using ::testing::HasSubstr;

std::string report(const std::string& rest) {
  return R"({"python": "3.11.2", "warnings": [], "devices": [], "environment": {}, "framework": "0.7.1", "numpy": "2.3.1", )" +
         rest + "}";
}
const std::string no_gpu_error =
    R"("available": false, "cuda_error": "RuntimeError: Unknown backend: 'gpu' requested, but no platforms that are instances of gpu are present. Platforms present are: cpu")";

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

TEST(JaxThatWorksOnTheCpu, IsAccepted) {
  FakeHost host = machine_with_environment();
  const Plan plan = test::expect_laws(*any(), args({{"version", ">=0.4"}}),
                                      answering(host, probe_says(report(R"("cuda_build": null, )" + no_gpu_error))));
  EXPECT_EQ(plan.result.find("jax")->string(), "0.7.1");
  EXPECT_TRUE(plan.result.find("diagnosis")->is_null());
}

TEST(JaxThatWorksOnTheCpu, IsNoCudaBuildWhereOneIsRequired) {
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), machine_with_gpu("550.54.15"),
                      probe_says(report(R"("cuda_build": null, )" + no_gpu_error))),
              HasSubstr("as a task: pip: {name: \"jax[cuda12]\", version: 0.7.1}"));
}

TEST(JaxOnAGpu, HasNoListOfArchitecturesToCompareWith) {
  const auto said = probe_says(report(
      R"("cuda_build": "12", "cudnn": "9.10.2.21", "available": true, "count": 1, "devices": [{"index": 0, "name": "NVIDIA H100", "capability": "9.0", "works": true}])"));
  const Map found = result(args({{"cuda", "required"}}), machine_with_gpu("550.54.15"), said);
  EXPECT_EQ(found.find("cuda")->string(), "12");
  EXPECT_THAT(chain_of(found), HasSubstr("build ok, capability ok, compute ok, cudnn ok"));
}

TEST(JaxWithAPluginForANewerCuda, NamesBothDrivers) {
  EXPECT_THAT(
      refusal(args(), machine_with_gpu("550.54.15"), probe_says(report(R"("cuda_build": "13", )" + no_gpu_error))),
      HasSubstr("the driver in use is 550.54.15, and jax 0.7.1, built with CUDA 13, needs 580.65.06 or newer"));
}

TEST(JaxThatIsToldToUseTheCpu, SaysByWhom) {
  const auto said = probe_says(
      R"({"framework": "0.7.1", "cuda_build": "12", "environment": {"JAX_PLATFORMS": "cpu"}, "available": false, "cuda_error": "x"})");
  EXPECT_THAT(refusal(args({{"cuda", "required"}}), machine_with_gpu("550.54.15"), said),
              HasSubstr("JAX_PLATFORMS is 'cpu', which leaves the GPUs out\nhint: unset it, or write \"cuda,cpu\""));
}

TEST(JaxOnAFullGpu, SaysThatItsMemoryIsUsedUp) {
  const auto said = probe_says(report(
      R"("cuda_build": "12", "available": true, "devices": [{"index": 0, "name": "A10", "capability": "8.6", "works": false, "error": "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate"}])"));
  EXPECT_EQ(result(args(), machine_with_gpu("550.54.15"), said).find("diagnosis")->string(), "out_of_memory");
}

}  // namespace
}  // namespace agent::jax_verify
