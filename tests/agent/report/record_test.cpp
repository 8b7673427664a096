#include <gmock/gmock.h>

#include "run_for_tests.hpp"

namespace agent::report {
namespace {

using testing::ElementsAre;

event::TaskResult result(const std::string& host, const std::string& task, std::optional<std::string> item = {}) {
  event::TaskResult e;
  e.host = host;
  e.play = "p";
  e.task = task;
  e.item = std::move(item);
  e.status = Status::changed;
  if (e.item) e.changes = {{"changed " + *e.item, "a", "b"}};
  return e;
}

Strings tasks_of(const Recorder& recorder) {
  Strings out;
  for (const auto& task : recorder.record().tasks) {
    std::string hosts;
    for (const auto& [host, outcome] : task.hosts) hosts += " " + host;
    out.push_back(task.name + hosts);
  }
  return out;
}

TEST(ARecord, MakesOnePlayOfItsBatches) {
  Recorder recorder;
  for (const char* host : {"a", "b"}) {
    recorder.hear(event::PlayStarted{"p", {host}}, {});
    recorder.hear(event::TaskStarted{"p", "t"}, {});
    recorder.hear(result(host, "t"), {});
  }
  ASSERT_EQ(recorder.record().plays.size(), 1u);
  EXPECT_THAT(recorder.record().plays[0].hosts, ElementsAre("a", "b"));
  EXPECT_THAT(tasks_of(recorder), ElementsAre("t a b"));
}

TEST(ARecord, KeepsATaskThatComesAgainApartAlsoWhenHostsAreOutOfStep) {
  Recorder recorder;
  recorder.hear(event::PlayStarted{"p", {"a", "b"}}, {});
  recorder.hear(event::TaskStarted{"p", "t"}, {});
  recorder.hear(result("a", "t"), {});
  recorder.hear(event::TaskStarted{"p", "t"}, {});
  recorder.hear(result("a", "t"), {});
  recorder.hear(result("b", "t"), {});
  recorder.hear(result("b", "t"), {});
  EXPECT_THAT(tasks_of(recorder), ElementsAre("t a b", "t a b"));
}

TEST(ARecord, GivesALoopTheChangesOfItsItems) {
  Recorder recorder;
  recorder.hear(event::PlayStarted{"p", {"a"}}, {});
  recorder.hear(event::TaskStarted{"p", "t"}, {});
  recorder.hear(result("a", "t", "x"), {});
  recorder.hear(result("a", "t", "y"), {});
  recorder.hear(result("a", "t"), {});
  const auto& outcome = recorder.record().tasks.at(0).hosts.at("a");
  EXPECT_EQ(outcome.items.size(), 2u);
  EXPECT_THAT(outcome.changes(), ElementsAre(Change{"changed x", "a", "b"}, Change{"changed y", "a", "b"}));
}

TEST(AVerdict, IsTheWorstThatIsTrue) {
  Record record;
  EXPECT_EQ(record.verdict(), Verdict::converged);
  record.recap.check = true;
  record.recap.hosts["a"] = {};
  EXPECT_EQ(record.verdict(), Verdict::compliant);
  record.recap.hosts["b"].unknown = 1;
  EXPECT_EQ(record.verdict(), Verdict::drift);
  record.recap.hosts["c"].unreachable = 1;
  EXPECT_EQ(record.verdict(), Verdict::unreachable);
  record.recap.hosts["d"].failed = 1;
  EXPECT_EQ(record.verdict(), Verdict::failed);
  record.recap.interrupted = true;
  EXPECT_EQ(record.verdict(), Verdict::interrupted);
  EXPECT_EQ(two_hosts(true).record().verdict(), Verdict::drift);
  EXPECT_EQ(two_hosts(false).record().verdict(), Verdict::converged);
}

}  // namespace
}  // namespace agent::report
