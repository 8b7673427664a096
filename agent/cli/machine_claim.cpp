#include <utility>

#include <agent/cli/machine_claim.hpp>
#include <agent/fleet/connection.hpp>

namespace agent::cli {

void MachineClaim::take() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(is_decided_, true)) try {
      lock_.emplace(fleet::RunLock::of_this_machine(terms_.executable), fleet::RunLock::Folder::may_be_made);
      holder_ = lock_->take_within(
          terms_.patience, fleet::RunLock::holder(terms_.run),
          [&](const std::string& who) { terms_.warn("this machine is waited for: " + who + " works on it"); },
          terms_.is_stopped);
    } catch (const Error& error) {
      terms_.warn(error.message() + "; whether another run works on this machine is not known");
    }
  if (holder_) throw fleet::Busy("this machine is taken: " + *holder_ + " works on it");
}

bool MachineClaim::was_busy() const {
  const std::lock_guard lock(mutex_);
  return holder_.has_value();
}

}  // namespace agent::cli
