#pragma once

#include <string_view>

namespace agent::torch_verify {

/// PyTorch's part of the program that computes, see agent/sdk/framework_probe.cpp.
std::string_view probe();

}  // namespace agent::torch_verify
