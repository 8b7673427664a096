#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// Has ssh get a login's password from us: ssh starts our own program to ask for it (SSH_ASKPASS), and that one finds
/// us through a socket without a file, so that the password is never in an argument list, the environment or a file.
/// Only an ssh that this process has started itself is answered, and not one that is on the way to it (a jump host
/// would be told the password of another machine otherwise); and only once, and only when it is a password that is
/// asked for.
class Askpass {
 public:
  /// Throws Error when there can be no such socket.
  explicit Askpass(std::string password);
  ~Askpass();
  Askpass(const Askpass&) = delete;
  Askpass& operator=(const Askpass&) = delete;

  /// What ssh's environment needs.
  void add_to(Environment& environment) const;
  /// Whether ssh came and asked.
  bool was_asked() const { return was_asked_; }

 private:
  void serve();
  void answer(int visitor);

  std::string password_, key_;
  Fd ear_, end_, ending_;
  std::atomic<bool> was_asked_{false};
  std::thread thread_;  // last: it uses all of the above
};

/// The other side: what our program does when ssh starts it with a prompt. Nothing: it was not started so. Else its
/// exit code.
std::optional<int> answer_ssh(int argc, char** argv);

}  // namespace agent::fleet
