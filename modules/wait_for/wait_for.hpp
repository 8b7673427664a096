#pragma once

#include <optional>
#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/spec.hpp>

namespace agent::wait_for {

/// The arguments of `wait_for`.
struct Want {
  std::string host = "127.0.0.1", state = "started";
  std::optional<std::int64_t> port;
  std::optional<std::string> path, search_regex, msg;
  std::int64_t timeout = 300, connect_timeout = 5, delay = 0, sleep = 1;
  Strings exclude_hosts;
  Strings active_connection_states = {"ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"};

  bool wants_presence() const { return state == "started" || state == "present"; }
};

/// One look at what is waited for.
struct Sight {
  bool is_so = false;
  Map found = {};  ///< groups of `search_regex`
};
Sight look(const Want& want, const Host& host);

/// A connection to a TCP port: whether there was one, and what was sent until `until` says that it is enough.
struct Answer {
  bool connected = false;
  std::string text;
};
Answer connect_to(const Want& want, const std::function<bool(const std::string&)>& until);

/// The connections to the port that are active in one of the states that count, of both families, by /proc/net.
std::size_t active_connections(const Want& want, const Host& host);

}  // namespace agent::wait_for
