#pragma once

#include <memory>
#include <string>

#include <agent/sdk/framework_verify.hpp>

namespace agent::torch_verify {

const Framework& torch();
const SpecOf<VerifyWant>& arguments();

/// Proves that PyTorch computes, on the CPU and on the GPUs. Never changes anything: what is wrong is an Error.
class TorchVerify : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

std::unique_ptr<Module> any();

}  // namespace agent::torch_verify
