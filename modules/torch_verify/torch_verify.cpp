#include "torch_verify.hpp"

#include <agent/sdk/dotted_version.hpp>
#include <agent/sdk/pep440.hpp>

#include "probe.hpp"

namespace agent::torch_verify {

namespace {

constexpr const char* description =
    "A small program runs in the Python that is named: it imports torch, multiplies matrices and folds an image on the "
    "CPU, checks the numbers by hand, does the same on each CUDA device, waits for the result and compares it.";

std::string on_index(const std::string& version, const std::string& tag) {
  return "pip: {name: torch" + (version.empty() ? "" : ", version: " + version + "+" + tag) +
         ", index_url: https://download.pytorch.org/whl/" + tag + "}";
}

/// The task that puts a CUDA build of the same version in place, from PyTorch's own index.
std::string cuda_build(const std::string& torch) {
  const auto version = pep440::Version::parse(torch);
  if (!version) return "-";
  const auto at_least = [&](const char* other) { return *version >= *pep440::Version::parse(other); };
  const std::string tag = at_least("2.15")  ? "cu130"
                          : at_least("2.6") ? "cu126"
                          : at_least("2.4") ? "cu124"
                          : at_least("2.1") ? "cu121"
                                            : "cu118";
  return on_index(version->without_local().text(), tag);
}

GpuFinding other_capability(const std::string& capability) {
  GpuFinding finding{.id = "capability_not_in_build"};
  if (compare_dotted(capability, "10.0") >= 0) {
    finding.remedies = {"capabilities of 10.0 and above need a build for CUDA 12.8 or newer"};
    finding.task = on_index("", "cu128");
  } else if (compare_dotted(capability, "7.5") < 0) {
    finding.remedies = {"builds for CUDA 12.6 are the last for capabilities below 7.5"};
    finding.task = on_index("", "cu126");
  }
  return finding;
}

constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};

}  // namespace

const Framework& torch() {
  static const Framework framework{.package = "torch",
                                   .title = "PyTorch",
                                   .probe = probe(),
                                   .cuda_build = cuda_build,
                                   .other_capability = other_capability};
  return framework;
}

const SpecOf<VerifyWant>& arguments() {
  static const auto spec =
      verify_arguments("torch_verify", torch(), description)
          .example("After an installation", "torch_verify:\n  venv: ~/ml/env\n  version: 2.13.0")
          .example("A training node with eight GPUs, each of them fast enough",
                   "torch_verify:\n  venv: /opt/train\n  cuda: required\n  min_devices: 8\n  min_tflops: 40")
          .example("Look, and go on with what was found",
                   "- torch_verify: {venv: /opt/train, cuda: required}\n  register: gpu\n  ignore_errors: true\n"
                   "- debug: {msg: \"{{ gpu.diagnosis }}: {{ gpu.remedy }}\"}\n  when: gpu is failed");
  return spec;
}

Plan TorchVerify::check(const Args& args, const Host& host) const {
  return verify_framework(arguments().read(args), torch(), host);
}

std::unique_ptr<Module> any() {
  return std::make_unique<TorchVerify>();
}

}  // namespace agent::torch_verify

AGENT_MODULE(agent::torch_verify::arguments, agent::torch_verify::variants)
