#pragma once

#include <optional>
#include <string>

#include <agent/executor/environment.hpp>

namespace agent::cli {

/// The terminal that the program was started from.
class Terminal : public executor::Console {
 public:
  /// Asks on /dev/tty, so that redirected input and output do not matter; without a terminal on standard input, if that
  /// is one; else nobody is there.
  std::optional<std::string> ask(const std::string& prompt, bool echo) override;
};

bool is_terminal(int fd);
struct TerminalSize {
  std::size_t columns, rows;
};
/// Of the terminal on `fd`; 80 by 24 where there is none.
TerminalSize terminal_size(int fd);
/// Whether colours are wanted on `fd`: a terminal, unless NO_COLOR or ANSIBLE_NOCOLOR says otherwise; forced by
/// ANSIBLE_FORCE_COLOR or CLICOLOR_FORCE.
bool wants_colour(int fd);

}  // namespace agent::cli
