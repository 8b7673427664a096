#pragma once

#include <agent/cli/local_machine.hpp>
#include <agent/fleet/machines.hpp>

namespace agent::cli {

/// All machines of a run: this one, and those over SSH.
class SessionMachines : public executor::Machines {
 public:
  SessionMachines(std::unique_ptr<LocalMachine> local, std::unique_ptr<fleet::Machines> remote)
      : local_(std::move(local)), remote_(std::move(remote)) {}
  TaskRunner& at(const std::string& host, const executor::Login& login) override;
  executor::Outpost* outpost(const std::string& host, const executor::Login& login) override {
    return login.connection == "ssh" ? remote_->outpost(host, login) : nullptr;
  }
  bool was_busy() const { return remote_->was_busy(); }
  /// Whether any host was this machine.
  bool used_this_one() const { return local_->was_used(); }

 private:
  std::unique_ptr<LocalMachine> local_;
  std::unique_ptr<fleet::Machines> remote_;
};

/// Lets this process have as many open files as connections to a large fleet take, three each; most systems allow 1,024
/// at first, and far more to who asks.
void allow_many_connections();

}  // namespace agent::cli
