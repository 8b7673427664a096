#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// What the target's shell is to do before the agent runs there.
struct Handshake {
  std::string nonce;   ///< letters and digits, new for each connection: what a login prints cannot know it
  std::string bundle;  ///< its id
  std::size_t room;    ///< that it takes, in KiB
  /// A check: the bundle goes into memory, unless it is there already, and is removed at the end.
  bool leaves_nothing = false;
  /// By what the agent can be met again when its link breaks: letters and digits.
  std::string key = "0";
  /// Such a one is met; else one is started.
  bool is_again = false;
};

/// The command for the login shell of the target, whichever that is: a script for its `sh` in single quotes, under 1
/// KiB. It says lines of `agent-NONCE WORD ...`:
///
///     ready                      the agent runs now, and its line is stdin and stdout
///     want MACHINE UNPACKER LIBC...  send a line of the archive's size and SHA-256, then the archive
///     nowhere DIRECTORY...       in none of these can programs be kept and run
///     broken                     the archive did not arrive whole, or could not be unpacked
std::string handshake_command(const Handshake& handshake);

/// A line that the script said.
struct Said {
  std::string word;
  Strings rest;
};

/// Finds the script's lines in all that comes from a login.
class Listening {
 public:
  /// Whatever comes before the marker may be this much, and no more.
  explicit Listening(const std::string& nonce, std::size_t most_noise = 8u << 20)
      : marker_("agent-" + nonce + " "), most_noise_(most_noise) {}

  /// Takes bytes up to the end of a line of the script, and says how many that were; the line is in `said` then.
  /// Throws Error when there is too much noise.
  std::size_t take(const char* data, std::size_t size, std::optional<Said>& said);

 private:
  std::string marker_, line_;
  std::size_t most_noise_, noise_ = 0;
};

}  // namespace agent::fleet
