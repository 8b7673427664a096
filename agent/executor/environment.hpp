#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <agent/sdk/index.hpp>
#include <agent/wire/task.hpp>

// What the executor asks of the world around it. The program implements these with the inventory, the worker pool and
// the terminal; tests with fakes.
namespace agent::executor {

class Outpost;

/// Variables from one place, with a name for it: "group_vars/all", "inventory host vars".
struct VariableLayer {
  std::string origin;
  Map variables;
};

/// The inventory, and what `add_host` and `group_by` make of it in the course of a run.
class Hosts {
 public:
  virtual ~Hosts() = default;
  /// The hosts that a pattern names, in the inventory's order. Throws Error for a pattern that is none.
  virtual Strings match(const std::string& pattern) const = 0;
  /// Whether there is such a host; `localhost` always is.
  virtual bool exists(const std::string& host) const = 0;
  /// All variables that the inventory knows of a host, the weakest layer first. Raw.
  virtual std::vector<VariableLayer> variables(const std::string& host) const = 0;
  /// The groups a host is in, sorted, without `all`.
  virtual Strings groups_of(const std::string& host) const = 0;
  /// Every group with its hosts, `all` and `ungrouped` too.
  virtual Map groups() const = 0;
  virtual void add_host(const std::string& host, const Strings& groups, const Map& variables) = 0;
  virtual void add_group(const std::string& group, const Strings& parents, const Strings& hosts) = 0;
  /// Reads the inventory again (`meta: refresh_inventory`).
  virtual void refresh() {}
  /// The play that comes next stands in this directory, and so may have group_vars/ and host_vars/ beside it.
  /// True when other variables than before are to be seen.
  virtual bool beside(const Path&) { return false; }
  /// Where the inventory was read from.
  virtual Strings sources() const = 0;
};

/// How a host is reached: what inventory, play and command line say of it, rendered and not yet judged. Empty: nobody
/// says anything. Only people say it, never a machine (R15).
struct Login {
  std::string connection = "local";  ///< "local", "ssh", or what else was written
  std::string address;               ///< `ansible_host`
  std::string port, user, key;
  std::string arguments;   ///< of ssh, as one would type them
  std::string executable;  ///< of ssh
  std::string timeout;     ///< seconds to wait for a connection
  std::string retries;     ///< how often a host that does not answer is tried again
  std::string password;    ///< of the login; empty: keys and agents
};

/// Nobody answers there; somebody may, after a pause.
class NotYet : public Unreachable {
 public:
  NotYet(const Unreachable& why, std::chrono::milliseconds pause) : Unreachable(why), pause_(pause) {}
  std::chrono::milliseconds pause() const { return pause_; }

 private:
  std::chrono::milliseconds pause_;
};

/// The machines behind the hosts' names.
class Machines {
 public:
  virtual ~Machines() = default;
  /// Whoever works on that machine. Throws Error when it cannot be had, however often it is tried: the host is
  /// unreachable then.
  virtual TaskRunner& at(const std::string& host, const Login& login) = 0;
  /// The executor on that machine; null where plays are walked from here. Throws like `at`, but NotYet at once where it
  /// is worth another try: whoever asks has others to care for meanwhile.
  virtual Outpost* outpost(const std::string&, const Login&) { return nullptr; }
};

/// The person at the terminal.
class Console {
 public:
  virtual ~Console() = default;
  /// Asks for a line; without `echo` it is not shown. Nothing: nobody is there.
  virtual std::optional<std::string> ask(const std::string& prompt, bool echo) = 0;
};

}  // namespace agent::executor
