#include <gtest/gtest.h>

#include <agent/wire/event.hpp>

namespace agent {
namespace {

TEST(AnEvent, IsTheSameAfterItsWayAsData) {
  const Where where{std::make_shared<const std::string>("site.yml"), 3, 5};
  event::TaskResult result;
  result.host = "h";
  result.delegate = "d";
  result.play = "p";
  result.task = "t";
  result.module = "copy";
  result.where = where;
  result.status = Status::ignored;
  result.item = "x";
  result.loop = true;
  result.result = Map{{"rc", 1}};
  result.changes = {{"a", std::nullopt, "b", false, true}};
  result.notes = {"n"};
  result.reasons = {"r"};
  result.error = Error("no").at(where).hint("h");
  result.output = "o";
  result.duration = 0.5;
  event::Recap recap;
  recap.hosts["h"] = {1, 2, 3, 4, 5, 6, 7, 8};
  recap.interrupted = true;
  const Event events[] = {event::RunStarted{{"a.yml"}, true, "r1", "0.1", "sha256:a", "sha256:b"},
                          event::PlayStarted{"p", {"h"}, true, where},
                          event::TaskStarted{"p", "t", "copy", true, false, where},
                          result,
                          event::Retrying{"h", "t", "i", 2, Map{{"rc", 1}}},
                          event::Progress{"h", "t", "x", 0.5},
                          event::Included{"f", {"h"}, "i"},
                          event::Warning{"w", {"h"}, where},
                          event::Notice{"n"},
                          event::Prompt{"h", "?"},
                          recap};
  for (const auto& event : events) EXPECT_EQ(to_value(event_from(to_value(event))).json(), to_value(event).json());
}

TEST(AnEvent, OfAnotherVersionIsRefused) {
  EXPECT_THROW(event_from(Map{{"v", 99}, {"event", "recap"}}), Error);
}

TEST(AnEvent, NeverCarriesTheValuesOfASecretChange) {
  event::TaskResult result;
  result.changes = {{"password", "old", "new", true}};
  EXPECT_EQ(to_value(Event(result)).json().find("old"), std::string::npos);
}

TEST(Counts, PutChangedAndIgnoredUnderOkToo) {
  Counts counts;
  for (const auto status : {Status::ok, Status::changed, Status::would_change, Status::ignored, Status::skipped,
                            Status::failed, Status::unknown, Status::rescued, Status::unreachable})
    counts.add(status);
  EXPECT_EQ(counts, (Counts{4, 2, 1, 1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace agent
