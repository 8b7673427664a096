#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/framework_probe.hpp>
#include <agent/sdk/gpu_diagnosis.hpp>
#include <agent/sdk/module.hpp>

namespace agent {

/// What a playbook can ask of a framework; the arguments of torch_verify, tensorflow_verify and jax_verify.
struct VerifyWant {
  std::optional<Path> venv;
  std::optional<std::string> python;
  std::optional<std::string> version;
  std::string cuda = "auto";
  std::int64_t min_devices = 0;
  std::optional<double> min_tflops;
  bool throughput = false;
  std::int64_t timeout = 180;
};

/// What is particular to one framework.
struct Framework {
  std::string package;     ///< the pip name, which is also what Python imports: "torch"
  std::string title;       ///< "PyTorch"
  std::string_view probe;  ///< its part of the Python program, see framework_probe.cpp
  Environment environment = {};
  Strings other_packages = {};  ///< other pip names that bring it
  /// The task that puts a CUDA build of this version in place, and one that serves a capability; empty: none known.
  std::string (*cuda_build)(const std::string& version) = nullptr;
  GpuFinding (*other_capability)(const std::string& capability) = nullptr;
};

/// The Spec that all of them share, with what `description` says of the one.
SpecOf<VerifyWant> verify_arguments(const std::string& name, const Framework& framework,
                                    const std::string& description);

/// Proves that a framework computes, on the CPU and on the GPUs, from the card on the bus to a computed number. Never
/// changes anything: what is wrong is an Error, whose result has `diagnosis`, `chain`, `remedy` and `task`.
Plan verify_framework(const VerifyWant& want, const Framework& framework, const Host& host);

}  // namespace agent
