// Hosts that go at their own pace, and meet now and then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/executor/gathering.hpp>

namespace agent::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Position before{{1, {}}}, at{{2, {}}}, behind{{3, {}}};

class SomeHosts : public testing::Test {
 protected:
  /// The host comes to `at` and waits there for the others.
  void wait(std::size_t host) {
    gathering.arrived(host, at);
    ask(host);
  }
  void ask(std::size_t host) {
    gathering.wait_for_all(host, at, [this, host](const std::optional<TaskOutcome>& done) {
      heard.push_back(std::to_string(host) + (done ? " has " + done->output : " does it"));
    });
  }
  void done(std::size_t host, const std::string& output) {
    TaskOutcome outcome;
    outcome.output = output;
    gathering.has_done(host, at, outcome);
  }
  void turn(std::size_t host, std::size_t most) {
    gathering.wait_for_turn(host, most, [this, host] { heard.push_back(std::to_string(host) + "'s turn"); });
  }

  Gathering gathering{3};
  Strings heard;
};

TEST_F(SomeHosts, HaveTheFirstOfThemDoWhatIsDoneOnceWhenAllAreThere) {
  wait(2);
  wait(1);
  gathering.arrived(0, before);
  EXPECT_THAT(heard, IsEmpty());
  wait(0);
  EXPECT_THAT(heard, ElementsAre("0 does it"));
  done(0, "it");
  EXPECT_THAT(heard, ElementsAre("0 does it", "1 has it", "2 has it"));
}

TEST_F(SomeHosts, DoNotWaitForThoseThatAreGoneOrFurther) {
  wait(1);
  gathering.left(0);
  gathering.arrived(2, behind);
  EXPECT_THAT(heard, ElementsAre("1 does it"));
}

TEST_F(SomeHosts, HearThatTheOneThatWasToDoItIsGone) {
  wait(0), wait(1), wait(2);
  gathering.left(0);
  EXPECT_THAT(heard, ElementsAre("0 does it", "1 has ", "2 has "));
}

TEST_F(SomeHosts, AreToldTheSameAgainWhenTheyAskAgain) {
  wait(0), wait(1), wait(2);
  gathering.forget(0);
  ask(0);
  EXPECT_THAT(heard, ElementsAre("0 does it", "0 does it"));
  done(0, "it");
  heard.clear();
  gathering.arrived(1, behind);
  ask(1);
  ask(0);
  EXPECT_THAT(heard, ElementsAre("1 has it", "0 does it"));
}

TEST_F(SomeHosts, AreNotTakenAtTheirWordForWhatTheyWereNotToDo) {
  wait(0), wait(1), wait(2);
  done(1, "a lie");
  done(0, "it");
  done(0, "something else");
  EXPECT_THAT(heard, ElementsAre("0 does it", "1 has it", "2 has it"));
}

TEST_F(SomeHosts, CannotWaitWhereTheyAreNot) {
  gathering.arrived(0, before);
  EXPECT_THROW(ask(0), Error);
}

TEST_F(SomeHosts, TakeTurnsWhereOnlySoManyMayBeAtATask) {
  turn(0, 2), turn(1, 2), turn(2, 2);
  EXPECT_THAT(heard, ElementsAre("0's turn", "1's turn"));
  gathering.turn_is_over(0);
  EXPECT_THAT(heard, ElementsAre("0's turn", "1's turn", "2's turn"));
}

TEST_F(SomeHosts, GiveUpTheirTurnWhenTheyAreLost) {
  turn(0, 1), turn(1, 1), turn(2, 1);
  gathering.left(0);
  gathering.forget(1);
  EXPECT_THAT(heard, ElementsAre("0's turn", "1's turn", "2's turn"));
}

}  // namespace
}  // namespace agent::executor
