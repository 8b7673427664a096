#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/cli/continuation.hpp>
#include <agent/history/recording.hpp>

namespace agent::cli {
namespace {

using testing::ElementsAre;

/// Names what it hears.
class Ear : public EventSink {
 public:
  void on(const Event& event) override {
    if (const auto* play = std::get_if<event::PlayStarted>(&event)) heard.push_back("play " + play->play);
    if (const auto* task = std::get_if<event::TaskStarted>(&event)) heard.push_back("task " + task->task);
    if (const auto* one = std::get_if<event::TaskResult>(&event))
      heard.push_back(one->host + " " + one->task + one->item.value_or("") + " " + std::string(name_of(one->status)));
    if (const auto* end = std::get_if<event::Recap>(&event)) recap = *end;
  }
  Strings heard;
  event::Recap recap;
};

Event result(const std::string& host, const std::string& task, Status status = Status::changed,
             std::optional<std::string> item = {}) {
  event::TaskResult out;
  out.host = host;
  out.play = "site";
  out.task = task;
  out.status = status;
  out.item = std::move(item);
  return out;
}

Event task(const std::string& name) {
  return event::TaskStarted{"site", name, "shell", false, false, {}};
}

Event recap(const std::map<std::string, Counts>& hosts) {
  event::Recap out;
  out.hosts = hosts;
  return out;
}

history::WholeRun run_of(const std::vector<Event>& events) {
  history::Recording recording;
  for (const auto& event : events) recording.on(event);
  return recording.run();
}

const Event started = event::RunStarted{{"site.yml"}, false, "run-1", "", "", ""};
const Event play = event::PlayStarted{"site", {"one", "two"}, false, {}};
const Counts lost{.ok = 1, .unreachable = 1}, done{.ok = 2, .changed = 2};

/// Of two hosts one was lost in the second task.
history::WholeRun broken_off() {
  return run_of({started, play, task("a"), result("one", "a"), result("two", "a"), task("b"),
                 result("one", "b", Status::unreachable), result("two", "b"), recap({{"one", lost}, {"two", done}})});
}

const std::vector<Event> gone_on = {
    started, play, task("a"), result("one", "a"), task("b"), result("one", "b"), recap({{"one", done}})};

TEST(AContinuation, TellsNothingTwiceAndBannersOnlyAboveWhatIsNew) {
  Ear ear;
  Continuation continuation(broken_off(), ear);
  for (const auto& event : gone_on) continuation.on(event);
  EXPECT_THAT(ear.heard, ElementsAre("play site", "task b", "one b changed"));
  EXPECT_EQ(ear.recap.hosts, (std::map<std::string, Counts>{{"one", done}, {"two", done}}));
}

TEST(AContinuation, TellsARepetitionThatIsNew) {
  Ear ear;
  Continuation continuation(run_of({started, play, task("a"), result("one", "a", Status::changed, "x")}), ear);
  for (const auto& event : {play, task("a"), result("one", "a", Status::changed, "x"),
                            result("one", "a", Status::changed, "x"), result("one", "a")})
    continuation.on(event);
  EXPECT_THAT(ear.heard, ElementsAre("play site", "task a", "one ax changed", "one a changed"));
}

TEST(AContinuation, TellsAllOfARunOfWhichNothingIsKnown) {
  Ear ear;
  Continuation continuation({}, ear);
  for (const auto& event : gone_on) continuation.on(event);
  EXPECT_THAT(ear.heard, ElementsAre("play site", "task a", "one a changed", "task b", "one b changed"));
}

TEST(AContinuation, MakesOneRunOfBothForTheHistory) {
  Ear ear;
  history::Recording now;
  Continuation continuation(broken_off(), ear);
  const auto on = [&](const Event& event) {
    continuation.on(event);
    now.on(event);
  };
  for (const auto& event : {started, play, task("b"), result("one", "b")}) on(event);
  now.on(recap({{"one", done}, {"two", done}}));
  const history::WholeRun whole = continuation.with(now.run());
  Ear told;
  for (const auto& [when, event] : whole.events) told.on(event);
  EXPECT_THAT(told.heard, ElementsAre("play site", "task a", "one a changed", "two a changed", "task b",
                                      "two b changed", "play site", "task b", "one b changed"));
  EXPECT_EQ(whole.about.name, "run-1");
  EXPECT_EQ(whole.about.hosts, 2);
  EXPECT_EQ(whole.about.counts.unreachable, 0);
  EXPECT_EQ(whole.about.verdict, "converged");
}

}  // namespace
}  // namespace agent::cli
