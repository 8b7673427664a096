#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <sys/types.h>

#include <agent/fleet/carrier.hpp>
#include <agent/fleet/handshake.hpp>
#include <agent/fleet/starter.hpp>
#include <agent/host/capped_text.hpp>
#include <agent/host/process.hpp>

namespace agent::fleet {

/// A running ssh and what goes through it: first the handshake's lines, then frames.
class Link : public Carrier {
 public:
  using Clock = std::chrono::steady_clock;

  /// With a starter the ssh ends with this process, however that comes.
  explicit Link(const Command& command, Starter* starter = nullptr);
  /// Closes the line, which ends the agent on the other side, and ssh.
  ~Link() override;

  /// The next line of the handshake; nothing when ssh ended or nothing came until `until`.
  std::optional<Said> hear(Listening& listening, Clock::time_point until);
  /// Sends bytes. False when ssh ended, or nothing went off for a minute.
  bool put(std::string_view bytes);

  /// What ssh prints is read meanwhile.
  Line::Ends ends() override;

  /// What ssh and the other side's programs printed on their standard error; waits a moment for last words.
  std::string printed() override;
  /// The same, without waiting.
  std::string printed_so_far();
  bool is_late() const { return late_; }

 private:
  bool wait(short events, Clock::time_point until);
  void read_errors();

  pid_t pid_ = -1;
  Fd line_, errors_;
  CappedText printed_{16u << 10, 16u << 10};
  std::mutex mutex_;  // of what was printed
  bool late_ = false;
};

}  // namespace agent::fleet
