#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <agent/cli/installation.hpp>
#include <agent/executor/environment.hpp>
#include <agent/wall/wall.hpp>

namespace agent::cli {

/// The machines that can be reached now: this one. When it runs for real each host has workers of its own, so that
/// several go on side by side; when it only checks, behind a wall, all share one picture of what would be.
class LocalMachine : public executor::Machines {
 public:
  using Password = std::function<std::optional<std::string>(const Identity&)>;
  /// `before_work`, where there is one, is called before each call of a module that may change something; what it
  /// throws the call ends with.
  LocalMachine(const Installation& installation, const ModuleIndex& index, std::optional<wall::Tier> least_wall,
               Password password, std::function<void()> before_work = {});
  ~LocalMachine() override;
  TaskRunner& at(const std::string& host, const executor::Login& login) override;
  /// Whether any host was this machine.
  bool was_used() const { return !pools_.empty(); }

 private:
  class OneAtATime;
  const Installation& installation_;
  const ModuleIndex& index_;
  std::optional<wall::Tier> least_wall_;
  Password password_;
  std::function<void()> before_work_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<OneAtATime>> pools_;
};

}  // namespace agent::cli
