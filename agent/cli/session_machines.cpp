#include <algorithm>

#include <sys/resource.h>

#include <agent/cli/session_machines.hpp>

namespace agent::cli {

TaskRunner& SessionMachines::at(const std::string& host, const executor::Login& login) {
  if (login.connection == "local") return local_->at(host, login);
  if (login.connection == "ssh") return remote_->at(host, login);
  throw Error("'" + host + "' has the connection '" + login.connection + "', which is not one of ours")
      .hint("there are 'local' (this machine) and 'ssh'");
}

void allow_many_connections() {
  constexpr rlim_t most = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= most) return;
  limit.rlim_cur = std::min(limit.rlim_max, most);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace agent::cli
