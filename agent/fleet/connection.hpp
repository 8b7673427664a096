#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/executor/outpost.hpp>
#include <agent/fleet/backoff.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/fleet/carrier.hpp>
#include <agent/fleet/kept_logins.hpp>
#include <agent/fleet/login_pace.hpp>
#include <agent/fleet/login_way.hpp>
#include <agent/fleet/ssh.hpp>
#include <agent/fleet/starter.hpp>
#include <agent/wall/wall.hpp>
#include <agent/wire/event.hpp>
#include <agent/wire/task.hpp>

namespace agent::fleet {

/// What a host kept of a run whose controller died.
struct CollectedRun {
  std::string run, host;
  std::vector<Event> events;
  bool is_whole = false;  ///< the last play that was begun came to its end there
};

/// How a connection is carried: from the host, its login and the key of the agent there (`is_again`: one that is met
/// again) to what the line goes through. Throws Unreachable.
using Carry = std::function<std::unique_ptr<Carrier>(const std::string& host, const executor::Login& login,
                                                     const std::string& key, bool is_again)>;

/// What is the same for every connection of a run.
struct Terms {
  HostKeys host_keys = HostKeys::known;
  /// All of it is a check: nothing is left on the target, and its workers stand behind no weaker wall than this.
  std::optional<wall::Tier> least_wall = {};
  /// The run, as reports and locks name it.
  std::string run;
  /// What closes the run's journals on its hosts: each gets a key of its own made of this one. Empty: there are none.
  std::string key;
  /// A word of the protocol: what is to be done with a journal that is there already.
  std::string journal = "afresh";
  /// The key of a run of this user's whose controller died, and who hears what a host kept of it. May be empty; any
  /// thread calls them.
  std::function<std::optional<std::string>(const std::string& run)> key_of = {};
  std::function<void(const CollectedRun&)> collected = {};
  /// The password to become somebody there. May be empty.
  std::function<std::optional<std::string>(const Identity&)> password = {};
  /// How long a host whose link is gone is looked for; it goes on meanwhile, and ends by itself after that.
  std::chrono::seconds patience{120};
  /// How long a host is waited for on which another run works.
  std::chrono::seconds wait{60};
  /// Logins that are kept for the next run. May be null: none are.
  std::shared_ptr<KeptLogins> kept = {};
  /// Starts the ssh of each connection. Empty: it may outlive this process.
  std::shared_ptr<Starter> starter = {};
  /// Hears what a person should know (a new host key was accepted), and what only one wants to know who asks for more
  /// (-v). May be empty; any thread calls them.
  std::function<void(const std::string&)> tell = {}, tell_more = {};
  /// Between the tries of a host that does not answer at first.
  Backoff between_tries{std::chrono::milliseconds(2000), std::chrono::milliseconds(30000)};
  /// A person wants the run to end: nothing is waited for. May be null.
  const std::atomic<bool>* interrupted = nullptr;
  /// Bounds the logins that are under way at once. Empty: there is no bound.
  std::shared_ptr<LoginPace> pace = {};
  std::shared_ptr<LoginWays> ways = {};
  /// Machines has ssh carry, where nothing is said here.
  Carry carry = {};
};

/// Another run works on the machine, and did not end in time.
class Busy : public Unreachable {
 public:
  explicit Busy(std::string message) : Unreachable(std::move(message)) {
    hint("--wait SECONDS waits longer; a run that hangs is ended on the machine itself");
  }
};

/// An agent on another machine: takes whole plays, and single calls of modules.
class Connection : public TaskRunner, public executor::Outpost {};

/// Has an agent run on the host: one exec for each host and run. When the link breaks the agent there is looked for
/// again. Throws Unreachable, which says why and what to do; so do the calls, when the host is lost. For several
/// threads, one call at a time. `terms` has to outlive it.
std::unique_ptr<Connection> connect(const std::string& host, const executor::Login& login, const Terms& terms);

}  // namespace agent::fleet
