#include "apt.hpp"

namespace agent::apt {

namespace {

constexpr Variant variants[] = {
    {"debian", variant<DebianApt>}, {"ubuntu", variant<DebianApt>}, {"fedora", variant<FedoraApt>}};

}  // namespace

Outcome Apt::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  std::string out, err;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      outcome.outputs.push_back(host.perform(action));
      if (std::holds_alternative<RefreshPackageIndex>(action)) {
        outcome.result.set("cache_updated", true);
        outcome.result.set("cache_update_time", static_cast<std::int64_t>(host.packages().refreshed()));
        continue;
      }
      out += outcome.outputs.back().out;
      err += outcome.outputs.back().err;
    }
  outcome.result.set("stdout", out);
  outcome.result.set("stderr", err);
  return outcome;
}

}  // namespace agent::apt

AGENT_MODULE(agent::apt::arguments, agent::apt::variants)
