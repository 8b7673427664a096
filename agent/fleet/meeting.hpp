#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <agent/host/process.hpp>

namespace agent::fleet {

/// Where an agent on a target can be met again when its link broke: a socket without a file, so that nothing is left,
/// for its own user alone. Whoever comes brings the ends of a new connection.
class MeetingPoint {
 public:
  /// Throws Error when it cannot be had.
  explicit MeetingPoint(const std::string& key);
  /// Readable when somebody has come.
  int ear() const { return ear_.get(); }
  struct Ends {
    Fd in, out;
    Fd visitor;  ///< stays as long as this is open
  };
  /// Takes what somebody brings; nothing when nobody is there, or it was no one of ours.
  std::optional<Ends> take();

 private:
  Fd ear_;
};

/// Brings stdin and stdout to the agent with that key, and stays until it lets go. False: it is not there.
bool bring_ends_to(const std::string& key);

}  // namespace agent::fleet
