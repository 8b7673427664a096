#include <algorithm>

#include <agent/fleet/login_pace.hpp>

namespace agent::fleet {

LoginPace::Turn LoginPace::begin(const std::string& way) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    std::size_t all = 0, here = 0;
    auto soonest = Clock::time_point::max();
    for (const Login& login : logins_) {
      const auto until = login.begun + limits_.longest;
      if (until <= now) continue;
      // Whichever stops to count first may be what is waited for.
      soonest = std::min(soonest, until);
      ++all;
      here += login.way == way ? 1 : 0;
    }
    if (all < limits_.in_all && here < limits_.on_one_way)
      return Turn(*this, logins_.insert(logins_.end(), {way, now}));
    ended_.wait_until(lock, soonest);
  }
}

std::size_t LoginPace::begun() const {
  const std::lock_guard lock(mutex_);
  return logins_.size();
}

void LoginPace::end(std::list<Login>::iterator login) {
  const std::lock_guard lock(mutex_);
  logins_.erase(login);
  ended_.notify_all();
}

}  // namespace agent::fleet
