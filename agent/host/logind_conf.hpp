#pragma once

#include <string>

#include <agent/sdk/plan.hpp>

namespace agent {

/// What logind.conf(5) says of the processes that a login leaves behind.
struct LogindConf {
  bool kills_processes = false;  ///< KillUserProcesses; off in what Debian, Ubuntu and Fedora ship
  Strings only;                  ///< KillOnlyUsers; empty: all
  Strings except = {"root"};     ///< KillExcludeUsers

  /// Whether logind ends what is left of a session of `user`.
  bool ends_processes_of(const std::string& user) const;
};

/// Takes the settings of one file over those of the files before it, as systemd does: sections but [Login] and settings
/// that mean nothing here are passed over, as are values that are none.
void apply_logind_conf(LogindConf& conf, const std::string& text);

/// What the files of the machine below `root` come to: logind.conf of the first folder that has one, and then all
/// drop-ins in the order of their names, of which one in /etc hides its namesake in /run, and so on.
LogindConf read_logind_conf(const Path& root = "/");

}  // namespace agent
