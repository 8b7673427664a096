#include <thread>

#include <gtest/gtest.h>

#include <agent/executor/departures.hpp>

namespace agent::executor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Departures, LetHostsGoOneAfterTheOther) {
  const std::atomic<bool> interrupted{false};
  Departures departures(2, interrupted);
  EXPECT_EQ(departures.next(), 0u);
  EXPECT_EQ(departures.next_now(), 1u);
  EXPECT_EQ(departures.next(), std::nullopt);
}

TEST(Departures, LetOthersGoWhileAHostIsPutOffAndThenThatOne) {
  const std::atomic<bool> interrupted{false};
  Departures departures(2, interrupted);
  EXPECT_EQ(departures.next(), 0u);
  departures.put_off(0, hours(1));
  EXPECT_EQ(departures.next(), 1u);
  EXPECT_EQ(departures.next_now(), std::nullopt);
  departures.put_off(1, milliseconds(1));
  EXPECT_EQ(departures.next(), 1u);
}

TEST(Departures, WaitForWhomIsPutOffWhereNobodyElseIsLeft) {
  const std::atomic<bool> interrupted{false};
  Departures departures(1, interrupted);
  EXPECT_EQ(departures.next(), 0u);
  const auto start = Departures::Clock::now();
  departures.put_off(0, milliseconds(20));
  EXPECT_EQ(departures.next(), 0u);
  EXPECT_GE(Departures::Clock::now() - start, milliseconds(20));
}

TEST(Departures, WaitForNobodyWhenAPersonStopsTheRun) {
  std::atomic<bool> interrupted{false};
  Departures departures(1, interrupted);
  EXPECT_EQ(departures.next(), 0u);
  departures.put_off(0, hours(1));
  std::thread person([&] { interrupted = true; });
  EXPECT_EQ(departures.next(), 0u);
  person.join();
}

}  // namespace
}  // namespace agent::executor
