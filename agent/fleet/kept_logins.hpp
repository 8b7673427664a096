#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <agent/executor/environment.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// Logins that ssh keeps for the next run (ControlMaster and ControlPersist of ssh_config(5)): to log in takes many
/// round trips, and to begin a session on a connection that is there takes few. What the user's own configuration says
/// of these settings counts before ours. May be used by several threads.
class KeptLogins {
 public:
  enum class Use {
    make,  ///< those that are there are used, and new ones kept
    take,  ///< those that are there are used: a check leaves nothing
  };
  /// How long a login is kept after its last session has ended.
  static constexpr std::chrono::seconds lifetime{60};
  /// Each costs a process here and one there: those of so many hosts are kept, and the others log in each time.
  static constexpr std::size_t most_hosts = 32;

  explicit KeptLogins(Use use) : use_(use) {}

  /// The configuration that an ssh to this host is given: the user's, or that of the -F in the login's arguments, and
  /// ours behind it. Nothing where the login is not to be kept, or cannot be: ssh does as ever then.
  std::optional<Path> configuration(const std::string& host, const executor::Login& login);
  /// From now on nobody begins on the login that is kept of these hosts: who begins has the groups and the environment
  /// that the user has now. Sessions that go on are left alone.
  void forget(const std::vector<std::string>& hosts);

 private:
  const Use use_;
  std::mutex mutex_;
  /// How ssh is told to forget it. Empty: it was told.
  std::map<std::string, Strings> hosts_;
};

/// A folder of this user alone for sockets and what names them, made where it is not there yet; nothing where none can
/// be had whose name is short enough for a socket in it.
std::optional<Path> folder_for_logins();

}  // namespace agent::fleet
