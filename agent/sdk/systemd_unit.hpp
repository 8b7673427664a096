#pragma once

#include <optional>
#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// A unit of systemd's, of the system or of one user's own manager. How it is, is read from the links and control
/// groups that systemd keeps, because check mode cannot talk to it.
struct SystemdUnit {
  std::string name;          ///< "docker.service"
  std::optional<User> user;  ///< whose manager; none: the system's

  /// Where its file belongs when it is not a package's.
  Path file() const;
  bool is_enabled(const Host& host) const;
  bool is_running(const Host& host) const;
  /// `systemctl WORDS... NAME`, in the right manager: as another user through runuser.
  Exec systemctl(const Strings& words, const Host& host) const;
};

/// True where systemd is the init that runs (not merely installed).
bool runs_systemd(const Host& host);

/// How a service shall be.
struct WantedService {
  std::optional<bool> enabled, running;
  bool restart = false;  ///< what it runs with changes in this plan
  bool reload = false;   ///< a unit's file changes in this plan
};
/// Adds what makes it so. Throws Error where systemd does not run here.
void plan_service(const SystemdUnit& unit, const WantedService& wanted, const Host& host, Plan& plan);

}  // namespace agent
