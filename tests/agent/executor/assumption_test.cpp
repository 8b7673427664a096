#include <gmock/gmock.h>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::ElementsAre;

/// Would change something in a check; and a probe that says no.
TaskReply would_change(const TaskRequest&) {
  TaskReply reply;
  reply.status = TaskReply::Status::would_change;
  reply.changes = {{"x", "a", "b"}};
  return reply;
}

struct ACheck : testing::Test {
  Stage stage;
  void SetUp() override {
    stage.module("changes", would_change);
    stage.options.check = true;
    stage.options.wall = "full";
  }
  void play(const std::string& tasks) { stage.play("- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks); }
};

TEST_F(ACheck, SaysOfAProbeWhatItCouldNotSee) {
  play(
      "    - {name: one, changes: {}}\n    - {name: two, changes: {}}\n"
      "    - {name: probe, command: echo hi, changed_when: false, register: r}\n"
      "    - debug: {msg: '{{ r.assumed }} {{ r.stdout }}'}\n");
  EXPECT_THAT(stage.result("probe").notes, ElementsAre("assumed: observed before 2 predicted changes: 'one', 'two'"));
  EXPECT_THAT(stage.said(), ElementsAre("True hi"));
}

TEST_F(ACheck, AssumesNothingWhileNothingIsPredicted) {
  play(
      "    - {name: probe, command: echo hi, changed_when: false, register: r}\n"
      "    - debug: {msg: '{{ r.assumed is defined }}'}\n    - {name: one, changes: {}}\n");
  EXPECT_THAT(stage.result("probe").notes, ElementsAre());
  EXPECT_THAT(stage.said(), ElementsAre("false"));
}

TEST_F(ACheck, CannotKnowWhatAProbeThatFailsBeforePredictedChangesWouldSay) {
  play(
      "    - {name: one, changes: {}}\n    - {name: probe, command: 'false', changed_when: false}\n"
      "    - {name: read, command: 'false', changed_when: false, ignore_errors: true}\n"
      "    - {name: judged, command: 'false', changed_when: false, failed_when: false}\n");
  EXPECT_THAT(stage.results(), ElementsAre("localhost one: would_change", "localhost probe: unknown",
                                           "localhost read: ignored", "localhost judged: ok"));
  EXPECT_EQ(stage.result("probe").reasons.front(), "observed before 1 predicted change: 'one'");
}

TEST_F(ACheck, AssumesNothingOfAProbeThatSawWhatWasPredicted) {
  stage.options.strict = true;
  stage.module("command", [](const TaskRequest&) {
    TaskReply reply;
    reply.sees_predictions = true;
    return reply;
  });
  play(
      "    - {name: one, changes: {}}\n    - {name: probe, command: echo hi, changed_when: false, register: r}\n"
      "    - debug: {msg: '{{ r.assumed is defined }}'}\n");
  EXPECT_THAT(stage.result("probe").notes, ElementsAre("it saw what was predicted: 1 change"));
  EXPECT_THAT(stage.said(), ElementsAre("false"));
}

TEST_F(ACheck, CannotKnowWhatFailsOnlyForLackOfWhatAnUnknownTaskMayBring) {
  stage.module("looks", [](const TaskRequest&) {
    TaskReply reply;
    reply.status = TaskReply::Status::failed;
    reply.error = Error("there is no environment");
    reply.from_look = true;
    return reply;
  });
  stage.module("mystery", [](const TaskRequest&) {
    TaskReply reply;
    reply.status = TaskReply::Status::unknown;
    reply.reasons = {"it may write"};
    return reply;
  });
  play(
      "    - {name: before, looks: {}, ignore_errors: true}\n    - {name: may write, mystery: {}}\n"
      "    - {name: after, looks: {}}\n");
  EXPECT_THAT(stage.results(),
              ElementsAre("localhost before: ignored", "localhost may write: unknown", "localhost after: unknown"));
  EXPECT_THAT(stage.result("after").reasons, ElementsAre("it is not known what task 'may write' before it does",
                                                         "without that it fails: there is no environment"));
}

TEST_F(ACheck, ThatIsStrictAssumesNothing) {
  stage.options.strict = true;
  play(
      "    - {name: one, changes: {}}\n    - {name: probe, command: echo hi, changed_when: false, register: r}\n"
      "    - {name: after, debug: {msg: x}, when: r.stdout == 'hi'}\n");
  EXPECT_THAT(stage.results(),
              ElementsAre("localhost one: would_change", "localhost probe: unknown", "localhost after: unknown"));
}

TEST_F(ACheck, TellsNoReasonThatNoLogHides) {
  stage.module("command", [](const TaskRequest&) {
    TaskReply reply;
    reply.status = TaskReply::Status::unknown;
    reply.reasons = {"'echo canary' was not run: it may write"};
    return reply;
  });
  play(
      "    - {name: a, command: echo canary, no_log: true, register: r}\n"
      "    - {name: b, debug: {msg: x}, when: r.rc == 0}\n"
      "    - {name: d, command: 'echo {{ item }}', no_log: true, loop: [canary], register: s}\n"
      "    - {name: e, debug: {msg: x}, when: s.changed}\n");
  for (const auto& event : stage.events)
    EXPECT_EQ(to_value(event).json().find("canary"), std::string::npos) << to_value(event).json();
  EXPECT_THAT(stage.result("b").reasons.front(), testing::HasSubstr("hidden by no_log"));
}

}  // namespace
}  // namespace agent::executor
