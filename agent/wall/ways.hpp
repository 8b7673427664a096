#pragma once

#include <functional>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/types.h>

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// What the attempts of the self-test aim at: all of it may be changed by whoever runs the test, so that only the wall
/// stands between. Lies in a fresh directory below `playground`, which goes with it.
class Scene {
 public:
  explicit Scene(const Path& playground);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  std::string at(const char* name) const { return (root_ / name).string(); }
  /// Where somebody listens on this machine's network, for connections and for datagrams.
  const sockaddr_in& server() const { return server_address_; }
  const sockaddr_in& receiver() const { return receiver_address_; }
  /// A process that does nothing, to be changed or ended.
  pid_t sleeper() const { return sleeper_; }

 private:
  int listen(const char* name, int type) const;
  Path root_;
  int daemon_ = -1, mailbox_ = -1, pipe_ = -1, server_ = -1, receiver_ = -1;
  sockaddr_in server_address_{}, receiver_address_{};
  pid_t sleeper_ = -1;
};

/// One way to change the machine. `does`: true when it could be gone; else errno says why not.
struct Way {
  const char* name;
  std::function<bool(const Scene&)> does;
};

/// All that we know of.
std::vector<Way> all_ways();

}  // namespace agent::wall
