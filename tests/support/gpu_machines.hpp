#pragma once

#include <string>

#include <agent/sdk/module.hpp>

#include "fake_host.hpp"

namespace agent::test {

// Machines for the tests of what verifies GPUs. The texts have the form of real ones: /proc/driver/nvidia/version as
// the driver's documentation and bug reports quote it, the PCI files as any Linux has them.

/// Debian 12 with a virtual environment at /ml/env.
FakeHost machine_with_environment();
/// A GeForce RTX 3070 on the bus, taken by the kernel driver `bound` (empty: by none).
FakeHost& with_card(FakeHost& host, const std::string& bound = "nvidia");
/// NVIDIA's driver: module loaded, libraries of version `userland` (empty: the same), device nodes for everybody.
FakeHost& with_driver(FakeHost& host, const std::string& version, const std::string& userland = "");
/// All of it in one.
FakeHost machine_with_gpu(const std::string& driver = "535.183.01");

/// What a probe prints around its report.
Output probe_says(const std::string& report, const std::string& err = "");
/// The host's Python says this to any probe.
FakeHost& answering(FakeHost& host, const Output& output);

/// The error of a check, its hints below it; "no error" when there is none.
std::string refusal(const Module& module, const Args& args, const FakeHost& host);
/// The result of a check, be it a plan's or an error's.
Map verified(const Module& module, const Args& args, const FakeHost& host);
/// "card ok, kernel_module broken, ..." of a result.
std::string chain_of(const Map& result);

}  // namespace agent::test
