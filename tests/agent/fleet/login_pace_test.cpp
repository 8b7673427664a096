#include <future>

#include <gtest/gtest.h>

#include <agent/fleet/backoff.hpp>
#include <agent/fleet/login_pace.hpp>

namespace agent::fleet {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(ABackoff, DoublesUpToTheLongestPauseAndLeavesUpToHalfOfEachToChance) {
  Backoff pauses(milliseconds(100), milliseconds(400));
  for (const int whole : {100, 200, 400, 400}) {
    const auto pause = pauses.next();
    EXPECT_GE(pause, milliseconds(whole / 2));
    EXPECT_LE(pause, milliseconds(whole));
  }
}

/// Whether a login on that way may begin at once; it has ended when this returns.
bool is_free(LoginPace& pace, const std::string& way, std::future<void>& waiting) {
  waiting = std::async(std::launch::async, [&pace, way] { pace.begin(way); });
  return waiting.wait_for(milliseconds(100)) == std::future_status::ready;
}

TEST(ALoginPace, BoundsTheLoginsOnOneWayAndLeavesOtherWaysFree) {
  LoginPace pace({2, 10, hours(1)});
  std::future<void> third, other;
  std::optional<LoginPace::Turn> first(pace.begin("bastion"));
  const auto second = pace.begin("bastion");
  EXPECT_FALSE(is_free(pace, "bastion", third));
  EXPECT_TRUE(is_free(pace, "web", other));
  first.reset();
  third.get();
}

TEST(ALoginPace, BoundsAllLoginsTogether) {
  LoginPace pace({2, 2, hours(1)});
  std::future<void> third;
  std::optional<LoginPace::Turn> first(pace.begin("a"));
  const auto second = pace.begin("b");
  EXPECT_FALSE(is_free(pace, "c", third));
  first.reset();
  third.get();
}

TEST(ALoginPace, DoesNotLetALoginThatHangsKeepTheOthersBack) {
  LoginPace pace({1, 10, milliseconds(20)});
  const auto hangs = pace.begin("bastion");
  const auto next = pace.begin("bastion");
  EXPECT_EQ(pace.begun(), 2u);
}

}  // namespace
}  // namespace agent::fleet
