#include <csignal>

#include <unistd.h>

#include <agent/cli/interrupts.hpp>

namespace agent::cli {
namespace {

// A signal handler can reach nothing but what is global.
std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  if (interrupted.exchange(true)) _exit(130);
}
// A handler and not SIG_IGN, which the programs that modules start would inherit.
void on_closed_output(int) {}

}  // namespace

const std::atomic<bool>& watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_closed_output;
  sigaction(SIGPIPE, &action, nullptr);
  return interrupted;
}

}  // namespace agent::cli
