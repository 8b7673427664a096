#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <utility>

namespace agent::fleet {

/// Lets logins begin so that nobody on the way has too many at once: sshd refuses by chance whoever comes when ten
/// others are not let in yet (`MaxStartups 10:30:100`), be it the host's own or that of a bastion; and this machine,
/// which works out keys for all of them, has only so many processors. Independent of how many hosts are worked on. For
/// all threads.
class LoginPace {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::size_t on_one_way = 8;
    std::size_t in_all = 64;
    /// Who takes longer waits for something else than to be let in by the first on its way: it does not count any more,
    /// so that hosts that are dead behind a bastion do not keep the others from it.
    std::chrono::milliseconds longest{3000};
  };

 private:
  struct Login {
    std::string way;
    Clock::time_point begun;
  };

 public:
  /// A login that has begun, until this goes.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : pace_(std::exchange(other.pace_, nullptr)), at_(other.at_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (pace_) pace_->end(at_);
    }

   private:
    friend class LoginPace;
    Turn(LoginPace& pace, std::list<Login>::iterator at) : pace_(&pace), at_(at) {}
    LoginPace* pace_;
    std::list<Login>::iterator at_;
  };

  LoginPace() = default;
  explicit LoginPace(Limits limits) : limits_(limits) {}

  /// Waits until a login may begin that goes this way (login_way.hpp).
  Turn begin(const std::string& way);
  /// How many have begun and not ended.
  std::size_t begun() const;

 private:
  void end(std::list<Login>::iterator login);

  Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::list<Login> logins_;  // in the order in which they began
};

}  // namespace agent::fleet
