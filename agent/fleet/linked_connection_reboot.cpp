// A machine that reboots in the middle of a play.
#include <thread>

#include <agent/fleet/backoff.hpp>
#include <agent/fleet/linked_connection.hpp>

namespace agent::fleet {

using std::chrono::milliseconds;
using std::chrono::seconds;

seconds LinkedConnection::reboots_within() {
  const std::lock_guard lock(state_mutex_);
  return reboots_within_;
}

// Waits until the machine is up again, and has an agent there that goes on with the journal. What it then says once
// more was told.
void LinkedConnection::come_back(const Meanwhile& meanwhile) {
  using Clock = std::chrono::steady_clock;
  const seconds within = reboots_within();
  const auto until = Clock::now() + within;
  if (terms_.tell) terms_.tell("'" + host_ + "' reboots; it is waited for");
  const std::string before = boot();
  {
    const std::lock_guard lock(journey_mutex_);
    if (journey_) journey_->gathering.forget(journey_->number);
  }
  std::string reason = "it did not go down";
  Backoff pauses(milliseconds(1500), milliseconds(5000));
  while (Clock::now() < until) {
    dialogue_.reset();
    reach_.close();
    const auto next = Clock::now() + pauses.next();
    while (Clock::now() < next && (!meanwhile || meanwhile())) std::this_thread::sleep_for(milliseconds(50));
    if (meanwhile && !meanwhile()) throw lost("the run was interrupted while it rebooted");
    try {
      if (is_up_again(before)) return;
    } catch (const Error& error) {
      reason = error.message();
    }
  }
  reach_.want_end(true);
  set_rebooting(seconds(0));
  set_progress(nullptr);
  throw lost("it is not back " + std::to_string(within.count()) + " s after it was told to reboot: " + reason);
}

bool LinkedConnection::is_up_again(const std::string& boot_before) {
  open();
  const auto greeting = std::chrono::steady_clock::now() + seconds(30);
  while (!reach_.has_greeted() && std::chrono::steady_clock::now() < greeting)
    std::this_thread::sleep_for(milliseconds(10));
  // It may still be on its way down.
  if (!reach_.has_greeted() || boot() == boot_before) return false;
  has_begun_ = has_world_ = false;
  journal_ = protocol::after_reboot;
  retelling_.begin_again();
  set_rebooting(seconds(0));
  if (terms_.tell) terms_.tell("'" + host_ + "' is up again");
  return true;
}

std::string LinkedConnection::boot() {
  const std::lock_guard lock(state_mutex_);
  return boot_;
}

void LinkedConnection::set_rebooting(seconds within) {
  const std::lock_guard lock(state_mutex_);
  reboots_within_ = within;
}

}  // namespace agent::fleet
