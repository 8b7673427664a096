#include <gmock/gmock.h>

#include <agent/report/differences.hpp>

#include "run_for_tests.hpp"

namespace agent::report {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A check in which each of `hosts` differs in task "t" as it says; "" is as it should be.
Record check_of(const std::map<std::string, std::string>& hosts, bool check = true) {
  Recorder recorder;
  event::Recap recap;
  recap.check = check;
  recorder.hear(event::PlayStarted{"p", {}}, {});
  for (const auto& [host, value] : hosts) {
    event::TaskResult e;
    e.host = host;
    e.play = "p";
    e.task = "t";
    e.status = value.empty() ? Status::ok : check ? Status::would_change : Status::changed;
    if (!value.empty()) e.changes = {{"x", "old", value}};
    recap.hosts[host].add(e.status);
    recorder.hear(e, {});
  }
  recorder.hear(recap, {});
  return recorder.record();
}

TEST(Differences, PutHostsTogetherThatDifferInTheSameWay) {
  const auto found = differences(check_of({{"a", "1"}, {"b", "2"}, {"c", "2"}, {"d", ""}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found[0].hosts, ElementsAre("b", "c"));
  EXPECT_THAT(found[0].lines, ElementsAre("x: old -> 2"));
  EXPECT_THAT(found[1].hosts, ElementsAre("a"));
}

TEST(Differences, TellWhyATaskIsNotKnown) {
  const auto found = differences(two_hosts().record());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].task, "ask");
  EXPECT_THAT(found[1].lines, ElementsAre("because nobody knows"));
}

TEST(Drift, IsWhatDiffersNowAndDidNotThen) {
  const Drift drift = drift_between(check_of({{"a", ""}, {"b", "1"}, {"c", "1"}, {"gone", ""}}),
                                    check_of({{"a", "1"}, {"b", "1"}, {"c", ""}, {"new", "1"}}));
  ASSERT_EQ(drift.since.size(), 1u);
  EXPECT_THAT(drift.since[0].hosts, ElementsAre("a"));
  ASSERT_EQ(drift.gone.size(), 1u);
  EXPECT_THAT(drift.gone[0].hosts, ElementsAre("c"));
  EXPECT_THAT(drift.new_hosts, ElementsAre("new"));
  EXPECT_THAT(drift.missing_hosts, ElementsAre("gone"));
}

TEST(Drift, OfWhatARunHadPutRightIsDriftSinceThatRun) {
  const Drift drift = drift_between(check_of({{"a", "1"}}, false), check_of({{"a", "1"}}));
  ASSERT_EQ(drift.since.size(), 1u);
  EXPECT_THAT(drift.gone, IsEmpty());
}

}  // namespace
}  // namespace agent::report
