#include <agent/cli/session_machines.hpp>

namespace agent::cli {

TaskRunner& SessionMachines::at(const std::string& host, const executor::Login& login) {
  if (login.connection == "local") return local_->at(host, login);
  if (login.connection == "ssh") return remote_->at(host, login);
  throw Error("'" + host + "' has the connection '" + login.connection + "', which is not one of ours")
      .hint("there are 'local' (this machine) and 'ssh'");
}

}  // namespace agent::cli
