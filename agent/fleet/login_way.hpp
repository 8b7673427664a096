#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <agent/executor/environment.hpp>

namespace agent::fleet {

/// Tells which server a login comes to first: a jump host, where there is one, else the host itself. Logins with the
/// same name for it share a LoginPace's bound. A guess that is wrong costs time at most, so nothing here fails.
class LoginWays {
 public:
  /// What `ssh -G` prints for these words; empty where it cannot be had.
  using Ask = std::function<std::string(const Strings& argv)>;
  /// The configuration that ssh reads for a user, without and with `-F FILE` in its arguments.
  using Files = std::function<std::vector<Path>(const std::optional<std::string>& instead)>;
  LoginWays();
  LoginWays(Files files, Ask ask) : files_(std::move(files)), ask_(std::move(ask)) {}

  std::string way_to(const std::string& host, const executor::Login& login);

 private:
  bool knows_proxies(const std::optional<std::string>& instead);

  Files files_;
  Ask ask_;
  std::mutex mutex_;
  std::map<std::string, bool> known_;  // by the file: whether it, or one that it includes, speaks of proxies
};

}  // namespace agent::fleet
