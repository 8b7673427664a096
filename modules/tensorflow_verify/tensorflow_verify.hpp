#pragma once

#include <memory>

#include <agent/sdk/framework_verify.hpp>

namespace agent::tensorflow_verify {

const Framework& tensorflow();
const SpecOf<VerifyWant>& arguments();

/// Proves that TensorFlow computes, on the CPU and on the GPUs. Never changes anything: what is wrong is an Error.
class TensorflowVerify : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

std::unique_ptr<Module> any();

}  // namespace agent::tensorflow_verify
