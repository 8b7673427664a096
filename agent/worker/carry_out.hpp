#pragma once

#include <functional>
#include <optional>
#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/spec.hpp>
#include <agent/wire/task.hpp>

namespace agent {

/// One call of one module, from look to proof.
struct Carry {
  const Module& module;
  /// Asked for only where something is to be said of it.
  std::function<const Spec&()> spec;
  const Args& args;
  /// The right that an action would lack, in a sentence; nothing when it may be tried.
  std::function<std::optional<Error>(const Action&)> missing_right = {};
};

/// Checks, and where something is to do: asks for the rights of every action before the first, applies, and checks
/// again. A plan that is still not empty then, events aside, is a failure: "did not converge". A plan with a change
/// that is not `approved`, where there is such a list, is refused before its first action. Never throws.
TaskReply make_so(const Carry& carry, Host& host, const std::optional<std::vector<Change>>& approved = std::nullopt);

/// The same against a host that only predicts: what would change, or what cannot be known. Never throws.
TaskReply predict(const Carry& carry, Host& overlay);

}  // namespace agent
