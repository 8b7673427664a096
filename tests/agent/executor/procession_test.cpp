#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/executor/procession.hpp>

namespace agent::executor {
namespace {

using testing::ElementsAre;

class Heard : public EventSink {
 public:
  void on(const Event& event) override {
    if (const auto* started = std::get_if<event::TaskStarted>(&event)) lines.push_back("TASK " + started->task);
    if (const auto* result = std::get_if<event::TaskResult>(&event)) lines.push_back(result->host + " " + result->task);
    if (const auto* included = std::get_if<event::Included>(&event)) {
      std::string line = "included for";
      for (const auto& host : included->hosts) line += " " + host;
      lines.push_back(line);
    }
    if (const auto* progress = std::get_if<event::Progress>(&event))
      whereabouts.push_back(progress->host + " at " + (progress->task.empty() ? "the end" : progress->task));
  }
  Strings lines, whereabouts;
};

class AProcession : public testing::Test {
 protected:
  void come(std::size_t host, std::uint32_t place) {
    event::TaskStarted banner;
    banner.task = std::to_string(place);
    procession.arrived(host, {{place, {}}}, banner);
  }
  void say(std::size_t host, std::uint32_t place) {
    event::TaskResult result;
    result.host = std::string(1, static_cast<char>('a' + host));
    result.task = std::to_string(place);
    procession.said(host, result);
  }
  void walk(std::size_t host, std::uint32_t from, std::uint32_t to) {
    for (auto place = from; place <= to; ++place) {
      come(host, place);
      say(host, place);
    }
  }
  Heard heard;
  Procession procession{{"a", "b"}, heard};
};

TEST_F(AProcession, TellsResultsTaskByTaskThoughAHostIsAhead) {
  procession.set_out(0);
  procession.set_out(1);
  walk(0, 1, 2);
  EXPECT_THAT(heard.lines, ElementsAre());
  walk(1, 1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "b 1"));
  procession.left(0);
  walk(1, 2, 2);
  procession.left(1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "b 1", "TASK 2", "a 2", "b 2"));
}

TEST_F(AProcession, TellsAFailureAtOnceAndTheBannerAgainWhenTheOthersCome) {
  procession.set_out(0);
  procession.set_out(1);
  walk(0, 1, 1);
  come(0, 2);
  event::TaskResult failure;
  failure.host = "a";
  failure.task = "2 fails";
  failure.status = Status::failed;
  procession.said(0, failure);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 2", "a 2 fails"));
  procession.left(0);
  walk(1, 1, 2);
  procession.left(1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 2", "a 2 fails", "TASK 1", "a 1", "b 1", "TASK 2", "b 2"));
}

TEST_F(AProcession, TellsAtOnceWhereAHostIsThoughItsLinesAreHeldBack) {
  procession.set_out(0);
  procession.set_out(1);
  come(0, 1);
  come(0, 2);
  procession.left(0);
  EXPECT_THAT(heard.lines, ElementsAre());
  EXPECT_THAT(heard.whereabouts, ElementsAre("a at 1", "a at 2", "a at the end"));
}

TEST_F(AProcession, TellsAtOnceWhatTheLastHostSays) {
  procession.set_out(0);
  procession.set_out(1);
  walk(0, 1, 1);
  come(1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1"));
  say(1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "b 1"));
}

TEST_F(AProcession, WaitsForNobodyWhoHasNotSetOut) {
  procession.set_out(0);
  walk(0, 1, 2);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "TASK 2", "a 2"));
  procession.set_out(1);
  procession.left(0);
  walk(1, 1, 2);
  procession.left(1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "TASK 2", "a 2", "TASK 1", "b 1", "TASK 2", "b 2"));
}

TEST_F(AProcession, NamesAllHostsOfAnIncludeOnce) {
  procession.set_out(0);
  procession.set_out(1);
  for (const std::size_t host : {0, 1}) procession.arrived(host, {{1, {}}}, event::Included{"x.yml", {}, {}});
  procession.left(0);
  procession.left(1);
  EXPECT_THAT(heard.lines, ElementsAre("included for a b"));
}

TEST_F(AProcession, KeepsItsPlaceWhenAHostSaysItWentBack) {
  procession.set_out(0);
  walk(0, 2, 2);
  walk(0, 1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 2", "a 2", "a 1"));
}

// A host that does not answer yet and is tried again later.
TEST_F(AProcession, IsNotHeldBackByAHostThatWasSetAside) {
  procession.set_out(0);
  procession.set_out(1);
  procession.set_aside(1, "does not answer yet");
  walk(0, 1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1"));
  procession.left(0);
  procession.set_out(1);
  walk(1, 1, 1);
  EXPECT_THAT(heard.lines, ElementsAre("TASK 1", "a 1", "TASK 1", "b 1"));
}

}  // namespace
}  // namespace agent::executor
