#pragma once

#include <optional>
#include <string>

#include <agent/sdk/framework_verify.hpp>

namespace agent {

/// All that is known of one framework on one machine.
struct VerifyCase {
  const VerifyWant& want;
  const Framework& framework;
  const Probed& probed;
  const GpuMachine& machine;
  std::string place;  ///< where it is, for sentences: "'/ml/env'"

  bool wants_gpus() const { return want.cuda == "required" || want.min_devices > 0 || want.min_tflops; }
};

/// What comes of it.
struct Verdict {
  std::optional<GpuFinding> finding;  ///< the first link that broke
  bool fails = true;                  ///< the finding is not acceptable
  List chain;                         ///< link, state and found, from the card on
};
Verdict judge(const VerifyCase& the_case);

/// The links in their order, for the pages: "card, kernel_module, ...".
std::string chain_in_words();

}  // namespace agent
