#pragma once

#include <memory>

#include <agent/sdk/framework_verify.hpp>

namespace agent::jax_verify {

const Framework& jax();
const SpecOf<VerifyWant>& arguments();

/// Proves that JAX computes, on the CPU and on the GPUs. Never changes anything: what is wrong is an Error.
class JaxVerify : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
};

std::unique_ptr<Module> any();

}  // namespace agent::jax_verify
