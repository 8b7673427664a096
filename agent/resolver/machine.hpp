#pragma once

#include <agent/resolver/stack.hpp>

namespace agent::resolver {

/// What is known of a machine.
struct Machine {
  Value gpu;           ///< the fact `gpu`
  std::string distro;  ///< "ubuntu22.04"
  std::string python;  ///< "3.10.12"; empty: none
};

/// Answers for a machine: what the request leaves open is as the machine has it. Its Python is preferred. Its driver
/// counts as long as there is an answer with it; where there is none, the answer is for a driver that is to be
/// installed, and says so. A machine without an NVIDIA GPU gets the builds for the CPU. Throws Error for a GPU or a
/// release that no table has.
std::variant<Stack, Conflict> resolve_on(const Tables& tables, Request request, const Machine& machine);

}  // namespace agent::resolver
