#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <agent/fleet/connection.hpp>

namespace agent::fleet {

/// What carries the line to one host, again and again: the first link, the next one when that breaks, and the end of
/// all of them, with why.
class Reach {
 public:
  Reach(std::string host, executor::Login login, const Terms& terms);

  /// A link to an agent that is started there. The one before is gone by then. Throws Unreachable.
  Line::Ends open();
  /// For the line, when its link is gone: another link to the agent that was there, looked for as long as the terms
  /// say. The agent goes on meanwhile; all that it has to say it says when it is met again. Nothing: it is given up.
  std::optional<Line::Ends> again(const std::string& why);
  /// Drops the link. Its line has to be over.
  void close() { carrier_.reset(); }

  /// The agent has said the first word.
  void greeted() { has_greeted_ = true; }
  bool has_greeted() const { return has_greeted_; }
  /// Whether the line's end is wanted: then it is not looked for again.
  void want_end(bool wanted) { is_ending_ = wanted; }
  /// Why it was given up; empty: it was not.
  std::string why_lost() const;

 private:
  void carry(bool is_again);
  std::optional<Line::Ends> send_anew(const std::string& what);
  std::nullopt_t give_up(std::string why);

  const std::string host_;
  const executor::Login login_;
  const Terms& terms_;
  const std::string key_;
  std::unique_ptr<Carrier> carrier_;  // of the line's thread, once there is one
  std::atomic<bool> is_ending_{false}, has_greeted_{false};
  bool is_sent_anew_ = false;
  mutable std::mutex mutex_;
  std::string why_lost_;
};

}  // namespace agent::fleet
