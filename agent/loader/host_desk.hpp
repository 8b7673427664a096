#pragma once

#include <agent/sdk/abi.h>
#include <agent/sdk/host.hpp>

namespace agent {

/// Answers a module's questions to its host: the agent's side of agent_host_table.
class HostDesk {
 public:
  /// A desk for a check: `perform` is refused, by name.
  explicit HostDesk(const Host& host) : looking_(&host) {}
  explicit HostDesk(Host& host) : looking_(&host), touching_(&host) {}
  /// Valid as long as the desk is.
  const agent_host_table* table();
  Value answer(const Value& question);

 private:
  Value ask(const std::string& what, const Value& question);
  Value ask_packages(const std::string& what, const Value& question);
  const Host* looking_;
  Host* touching_ = nullptr;
  agent_host_table table_{};
};

}  // namespace agent
