#include <agent/cli/session_services.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::cli {

std::optional<List> SessionServices::lookup(const jinja::LookupCall& call) const {
  if (call.name != "inventory_hostnames") return LocalServices::lookup(call);
  std::string pattern;
  for (const Value& term : call.terms) pattern += (pattern.empty() ? "" : ",") + executor::as_text(term);
  // All hosts, whatever the limit: it says where plays run, and not what there is.
  const Strings names = hosts_ ? hosts_->inventory().match(pattern) : Strings();
  return List(names.begin(), names.end());
}

}  // namespace agent::cli
