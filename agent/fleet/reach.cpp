#include <thread>

#include <agent/fleet/backoff.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/reach.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {

using std::chrono::milliseconds;

Reach::Reach(std::string host, executor::Login login, const Terms& terms)
    : host_(std::move(host)), login_(std::move(login)), terms_(terms), key_(make_nonce()) {}

void Reach::carry(bool is_again) {
  std::optional<LoginPace::Turn> turn;
  if (terms_.pace) turn.emplace(terms_.pace->begin(terms_.ways ? terms_.ways->way_to(host_, login_) : host_));
  carrier_ = terms_.carry(host_, login_, key_, is_again);
}

Line::Ends Reach::open() {
  is_ending_ = has_greeted_ = false;
  carry(false);
  return carrier_->ends();
}

std::optional<Line::Ends> Reach::again(const std::string& why) {
  if (is_ending_) return std::nullopt;
  const auto until = LoginPace::Clock::now() + terms_.patience;
  std::string reason = text::trimmed(carrier_->printed());
  // What it says when there is nobody to be met any more (exec.cpp).
  if (reason.find(protocol::nobody_to_meet) != std::string::npos) return give_up("the agent there has ended");
  if (const auto at = reason.find(protocol::tampered); at != std::string::npos && !std::exchange(is_sent_anew_, true))
    return send_anew(reason.substr(at + std::string_view(protocol::tampered).size()));
  if (reason.empty()) reason = why;
  if (!has_greeted_) return give_up(reason);
  if (terms_.tell) terms_.tell("the link to '" + host_ + "' broke; it is looked for again");
  Backoff pauses(milliseconds(500), milliseconds(5000));
  while (LoginPace::Clock::now() < until) {
    const auto next = LoginPace::Clock::now() + pauses.next();
    while (LoginPace::Clock::now() < next && !is_ending_) std::this_thread::sleep_for(milliseconds(50));
    if (is_ending_) return std::nullopt;
    try {
      carry(true);
      if (terms_.tell) terms_.tell("'" + host_ + "' is back");
      return carrier_->ends();
    } catch (const Error& error) {
      reason = error.message();
    }
  }
  return give_up(reason);
}

// Nothing has begun there yet: the agent that was kept found itself changed, and is gone.
std::optional<Line::Ends> Reach::send_anew(const std::string& what) {
  if (terms_.tell)
    terms_.tell("the agent that '" + host_ + "' had kept was changed: " + what.substr(0, what.find('\n')) +
                "; it is sent anew");
  try {
    carry(false);
    Line::Ends ends = carrier_->ends();
    ends.is_first = true;
    return ends;
  } catch (const Error& error) {
    return give_up(error.message());
  }
}

std::nullopt_t Reach::give_up(std::string why) {
  const std::lock_guard lock(mutex_);
  why_lost_ = std::move(why);
  return std::nullopt;
}

std::string Reach::why_lost() const {
  const std::lock_guard lock(mutex_);
  return why_lost_;
}

}  // namespace agent::fleet
