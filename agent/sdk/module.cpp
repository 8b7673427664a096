#include <algorithm>

#include <agent/sdk/module.hpp>

namespace agent {

Module::~Module() = default;

Outcome Module::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) outcome.outputs.push_back(host.perform(action));
  return outcome;
}

const Variant* choose(std::span<const Variant> variants, const System& system) {
  const auto named = [&](std::string_view distro) -> const Variant* {
    const auto found =
        std::find_if(variants.begin(), variants.end(), [&](const Variant& v) { return v.distro == distro; });
    return found == variants.end() ? nullptr : &*found;
  };
  if (const Variant* exact = named(system.id)) return exact;
  for (const std::string& like : system.like)
    if (const Variant* inherited = named(like)) return inherited;
  return named("any");
}

}  // namespace agent
