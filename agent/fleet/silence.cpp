#include <algorithm>
#include <array>

#include <agent/fleet/silence.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {

bool is_silence(const Unreachable& error) {
  // What ssh printed was read once, by ssh_failure (ssh.cpp): these are its words. tests/agent/fleet/silence_test.cpp
  // holds the two together.
  static constexpr std::array read = {": it does not answer", ": nothing listens there",
                                      ": there is no way to it from here"};
  static constexpr std::array unread = {"Connection reset", "Connection closed", "closed by remote host", "Broken pipe",
                                        "banner exchange"};
  const std::string& message = error.message();
  if (std::any_of(read.begin(), read.end(), [&](const char* end) { return message.ends_with(end); })) return true;
  const auto said = message.find(": ssh said: ");
  return said != std::string::npos && std::any_of(unread.begin(), unread.end(), [&](const char* words) {
           return message.find(words, said) != std::string::npos;
         });
}

}  // namespace agent::fleet
