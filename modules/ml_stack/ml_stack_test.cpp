#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

#include "cpu_index.hpp"

namespace agent::ml_stack {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::string cpu_index = "https://download.pytorch.org/whl/cpu";

Map card(const char* id, const char* name, const char* capability) {
  return {{"pci", "0000:01:00.0"}, {"id", id}, {"name", name}, {"capability", capability}};
}

Map gpu_fact(List devices, const Value& driver = {}) {
  return {{"count", devices.size()}, {"devices", devices}, {"driver", Map{{"loaded", driver}}}};
}

/// Ubuntu 24.04 with its Python, a card and the driver that is loaded.
FakeHost machine(const Map& gpu, const char* python = "3.12.3", System system = ubuntu()) {
  FakeHost host(std::move(system));
  host.with_facts({{"gpu", gpu}, {"python_version", python}});
  host.with_file("/proc/net/dev", "Inter-|   Receive\n face |bytes\n    lo: 0 0\n  eth0: 1 2\n");
  return host;
}

FakeHost machine_with_3070(const Value& driver = {}) {
  return machine(gpu_fact({card("10de:2484", "GeForce RTX 3070", "8.6")}, driver));
}

FakeHost machine_without_gpu() {
  return machine(gpu_fact({}));
}

Strings question(const std::string& url) {
  return {"python3", "-c", "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)", url};
}

Map result_of(const FakeHost& host, const Map& arguments = {}) {
  return TestedModule(manifest(), host.system()).check(arguments, host).result;
}

std::string text(const Map& result, const char* key) {
  const Value* value = result.find(key);
  return !value ? "missing" : value->is_string() ? value->string() : value->json();
}

TEST(MlStack, TakesFromTheMachineWhatIsNotSaid) {
  const Map stack = result_of(machine_with_3070());
  EXPECT_EQ(text(stack, "torch"), "2.14.0");
  EXPECT_EQ(text(stack, "python"), "3.12");
  EXPECT_EQ(text(stack, "distro"), "ubuntu 24.04");
  EXPECT_EQ(text(stack, "gpu"), "GeForce RTX 3070");
  EXPECT_EQ(text(stack, "driver_package"), "nvidia-driver-580-open");
  EXPECT_EQ(text(stack, "driver_ok"), "null");
  EXPECT_THAT(text(stack, "index_url"), HasSubstr("https://download.pytorch.org/whl/cu"));
}

TEST(MlStack, ChangesNothing) {
  FakeHost host = machine_with_3070();
  EXPECT_TRUE(expect_laws(TestedModule(manifest(), host.system()), {}, host).empty());
  EXPECT_TRUE(host.performed().empty());
}

TEST(MlStack, KeepsTheDriverThatIsLoaded) {
  const Map stack = result_of(machine_with_3070("535.261.03"));
  EXPECT_EQ(text(stack, "tag"), "cu126");
  EXPECT_EQ(text(stack, "driver_ok"), "true");
}

TEST(MlStack, SaysWhenTheLoadedDriverDoesNotServe) {
  const FakeHost host = machine_with_3070("470.256.02");
  const Map stack = result_of(host, {{"framework", "torch==2.9.*"}});
  EXPECT_EQ(text(stack, "torch"), "2.9.1");
  EXPECT_EQ(text(stack, "driver_ok"), "false");
  EXPECT_THAT(text(stack, "warnings"), HasSubstr("driver 470.256.02, which is loaded, does not serve this stack"));
}

TEST(MlStack, TakesWhatIsSaidOverWhatTheMachineHas) {
  const Map stack = result_of(
      machine_with_3070(),
      {{"framework", "torch==2.4.*"}, {"gpu", "H100"}, {"driver", "525"}, {"distro", "debian12"}, {"python", "3.11"}});
  EXPECT_EQ(text(stack, "gpu"), "H100");
  EXPECT_EQ(text(stack, "distro"), "debian 12");
  EXPECT_EQ(text(stack, "tag"), "cu118");  // which driver 525 serves whole
  EXPECT_EQ(text(stack, "driver_min"), "515");
}

TEST(MlStack, RefusesWhatCannotBeWithTheFactsAndTheWaysOut) {
  FakeHost host = machine(gpu_fact({card("10de:2b85", "GeForce RTX 5090", "12.0")}));
  try {
    result_of(host, {{"framework", "torch==2.4.*"}});
    FAIL() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("GeForce RTX 5090 has compute capability 12.0"));
    EXPECT_THAT(error.hints(), Contains(HasSubstr("instead of torch==2.4.*: torch")));
    EXPECT_THAT(error.hints(), Contains(HasSubstr("gpus.yml:")));
    EXPECT_TRUE(error.result().contains("ways_out"));
  }
}

TEST(MlStack, RefusesACardThatNoTableHas) {
  Map unknown{{"pci", "0000:01:00.0"}, {"id", "10de:ffff"}, {"name", Value()}, {"capability", Value()}};
  const FakeHost host = machine(gpu_fact({unknown}));
  EXPECT_EQ(error_of([&] { result_of(host); }), "the GPU 10de:ffff is in no table");
}

TEST(MlStack, TakesTheCapabilityOfAnUnknownCardFromNvidiaSmi) {
  Map unknown{{"pci", "0000:01:00.0"}, {"id", "10de:ffff"}, {"name", Value()}, {"capability", Value()}};
  Map gpu = gpu_fact({unknown});
  gpu.set("smi", Map{{"gpus", List{Map{{"capability", "8.9"}}}}});
  EXPECT_EQ(text(result_of(machine(gpu)), "capability"), "8.9");
}

TEST(MlStack, PrefersTheMachinesPython) {
  const Map stack = result_of(machine(gpu_fact({card("10de:2484", "GeForce RTX 3070", "8.6")}), "3.9.18"));
  EXPECT_EQ(text(stack, "python"), "3.9");
  EXPECT_EQ(text(stack, "torch"), "2.8.0");
}

TEST(MlStack, NamesTheArgumentThatMakesNoSense) {
  const FakeHost host = machine_with_3070();
  try {
    result_of(host, {{"framework", "troch"}});
    FAIL() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.argument(), "framework");
  }
}

TEST(MlStackWithoutAGpu, TakesPyTorchsIndexForTheCpuWhereThatAnswers) {
  FakeHost host = machine_without_gpu();
  host.answers(question(cpu_index + "/"), {});
  const Map stack = result_of(host);
  EXPECT_EQ(text(stack, "index"), "pytorch");
  EXPECT_EQ(text(stack, "index_url"), cpu_index);
  EXPECT_EQ(text(stack, "tag"), "cpu");
  EXPECT_EQ(text(stack, "driver_package"), "null");
}

TEST(MlStackWithoutAGpu, TakesPipsOwnIndexesWhereThatDoesNotAnswer) {
  FakeHost host = machine_without_gpu();
  host.answers(question(cpu_index + "/"), {1, "", "urllib.error.URLError: timed out"});
  host.with_file("/etc/pip.conf",
                 "[global]\nindex-url = https://me:secret@mirror.example/simple\nextra-index-url =\n    "
                 "https://other.example/simple\n    https://third.example/simple\ntimeout = 5\n");
  const Map stack = result_of(host);
  EXPECT_EQ(text(stack, "index"), "pip");
  EXPECT_EQ(text(stack, "index_url"), "null");
  EXPECT_EQ(text(stack, "pip_indexes"),
            "[\"https://mirror.example/simple\",\"https://other.example/simple\",\"https://third.example/simple\"]");
  EXPECT_THAT(text(stack, "packages"), HasSubstr("\"torch==2.14.0\""));
  EXPECT_THAT(text(stack, "index_why"), HasSubstr("did not answer within 3 s"));
}

TEST(MlStackWithoutAGpu, AsksWithCurlWhereThereIsNoPython) {
  FakeHost host = machine_without_gpu();
  host.answers(question(cpu_index + "/"), {127, "", ""});
  host.answers({"curl", "-fsS", "-o", "/dev/null", "--max-time", "3", cpu_index + "/"}, {28, "", ""});
  EXPECT_EQ(text(result_of(host), "index"), "pip");
}

TEST(MlStackWithoutAGpu, AsksNobodyWhereThereIsNoNetwork) {
  FakeHost host = machine_without_gpu();
  host.with_file("/proc/net/dev", "Inter-|   Receive\n face |bytes\n    lo: 0 0\n");
  const Map stack = result_of(host);
  EXPECT_EQ(text(stack, "index"), "pytorch");
  EXPECT_THAT(text(stack, "index_why"), HasSubstr("could not be tried"));
  EXPECT_TRUE(host.queried().empty());
}

TEST(MlStackWithoutAGpu, NeedsNoIndexForTensorFlow) {
  const FakeHost host = machine_without_gpu();
  const Map stack = result_of(host, {{"framework", "tensorflow"}});
  EXPECT_EQ(text(stack, "index"), "pip");
  EXPECT_EQ(text(stack, "toolkit"), "null");
  EXPECT_TRUE(host.queried().empty());
}

TEST(PipsIndexes, AreThoseOfTheEnvironmentFirst) {
  FakeHost host;
  host.with_file("/etc/pip.conf", "[global]\nindex-url = https://a.example/simple\n");
  EXPECT_EQ(indexes_of_pip(host), Strings{"https://a.example/simple"});
  host.with_environment("PIP_INDEX_URL", "https://b.example/simple");
  host.with_environment("PIP_EXTRA_INDEX_URL", "https://c.example/simple");
  EXPECT_EQ(indexes_of_pip(host), (Strings{"https://b.example/simple", "https://c.example/simple"}));
  EXPECT_EQ(indexes_of_pip(FakeHost()), Strings{"https://pypi.org/simple"});
}

}  // namespace
}  // namespace agent::ml_stack
