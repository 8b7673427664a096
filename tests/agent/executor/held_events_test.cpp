#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/executor/held_events.hpp>

namespace agent::executor {
namespace {

class Told : public EventSink {
 public:
  void on(const Event& event) override { events.push_back(std::get<event::TaskResult>(event)); }
  std::vector<event::TaskResult> events;
};

event::TaskResult result(int number, std::size_t size = 0) {
  event::TaskResult out;
  out.host = "web";
  out.task = std::to_string(number);
  out.status = Status::changed;
  out.result = Map{{"changed", true}, {"stdout", std::string(size, 'x')}};
  out.changes = {{"file /x", std::nullopt, "there"}};
  return out;
}

TEST(HeldEvents, AreToldInOrderAndWholeWhereverTheyWaited) {
  HeldEvents held(2, 20'000);
  HeldEvents::Row here, there;
  for (int number = 0; number < 100; ++number) {
    held.hold(here, 0, result(number, 1000));
    held.hold(there, 1, result(number, number % 2 == 0 ? 10 : 3000));
    ASSERT_LE(held.in_memory(0), 20'000u);
    ASSERT_LE(held.in_memory(1), 20'000u);
  }
  Told told;
  held.tell(here, told);
  held.tell(there, told);
  ASSERT_EQ(told.events.size(), 200u);
  for (int number = 0; number < 200; ++number) {
    const auto& one = told.events[static_cast<std::size_t>(number)];
    const auto expected = result(number % 100, number < 100 ? 1000 : number % 2 == 0 ? 10 : 3000);
    EXPECT_EQ(one.task, expected.task);
    EXPECT_EQ(one.status, expected.status);
    EXPECT_EQ(Value(one.result), Value(expected.result));
    EXPECT_EQ(one.changes, expected.changes);
  }
  EXPECT_EQ(held.in_memory(0), 0u);
  EXPECT_EQ(held.in_memory(1), 0u);
}

TEST(HeldEvents, LeaveNothingBehindForTheNextOnes) {
  HeldEvents held(1, 0);
  Told told;
  for (int round = 0; round < 3; ++round) {
    HeldEvents::Row row;
    held.hold(row, 0, result(round, 100));
    held.tell(row, told);
    EXPECT_TRUE(row.empty());
  }
  ASSERT_EQ(told.events.size(), 3u);
  EXPECT_EQ(told.events.back().task, "2");
}

}  // namespace
}  // namespace agent::executor
