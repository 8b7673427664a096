#include <gmock/gmock.h>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string play_of(const std::string& tasks) {
  return "- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks;
}

TEST(ATaskWithWhen, RunsOnlyWhenAllConditionsHold) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', when: 1 == 1}\n"
              "    - {name: b, command: 'true', when: [true, 1 == 2, nonsense.x]}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: changed", "localhost b: skipped"));
  EXPECT_EQ(stage.result("b").result.find("false_condition")->string(), "1 == 2");
}

TEST(ATaskWithWhen, FailsOnAnUndefinedName) {
  Stage stage;
  stage.play(play_of("    - {name: a, command: 'true', when: no_such_thing}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: failed"));
  EXPECT_THAT(stage.result("a").error->message(), HasSubstr("no_such_thing"));
}

TEST(ARegisteredResult, IsThereForLaterTasksEvenWhenSkipped) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: echo hi, register: r}\n"
              "    - {name: b, command: 'true', register: s, when: false}\n"
              "    - debug: {msg: '{{ r.stdout }} {{ r.rc }} {{ r is changed }} {{ r.stdout_lines }}'}\n"
              "    - debug: {msg: '{{ s is skipped }} {{ s.skip_reason }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("hi 0 True ['hi']", "True Conditional result was False"));
}

TEST(ALoop, RunsOncePerItemAndRegistersAllResults) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'echo {{ item }}', loop: [x, y], register: r}\n"
              "    - debug: {msg: \"{{ r.results | map(attribute='stdout') | list }} {{ r.msg }} {{ r.changed }}\"}\n"
              "    - debug: {msg: \"{{ r.results[1].item }} {{ r.results[1].ansible_loop_var }}\"}\n"));
  EXPECT_THAT(stage.results(), Contains("localhost a (x): changed"));
  EXPECT_THAT(stage.results(), Contains("localhost a (y): changed"));
  EXPECT_THAT(stage.said(), ElementsAre("['x', 'y'] All items completed True", "y item"));
}

TEST(ALoop, GoesOnAfterAFailingItemAndFailsAtTheEnd) {
  Stage stage;
  stage.play(play_of("    - {name: a, command: '{{ item }}', loop: ['false', 'true']}\n"));
  EXPECT_THAT(stage.results(),
              ElementsAre("localhost a (false): failed", "localhost a (true): changed", "localhost a: failed"));
  EXPECT_EQ(stage.result("a").result.find("msg")->string(), "One or more items failed");
}

TEST(ALoop, WithoutItemsIsSkipped) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', loop: [], register: r}\n"
              "    - debug: {msg: '{{ r.results }} {{ r.skipped_reason }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("[] No items in the list"));
}

TEST(ALoop, OverSomethingUndefinedIsSkippedWhereTheConditionIsFalseAnyway) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', loop: '{{ nothing }}', when: false}\n"
              "    - {name: b, command: 'true', loop: '{{ nothing }}', ignore_errors: true}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: skipped", "localhost b: ignored"));
}

TEST(ALoop, TakesListsOnlyAndSaysWhatToWrite) {
  Stage stage;
  stage.play(play_of("    - {name: a, command: 'true', loop: '{{ {\"k\": 1} }}'}\n"));
  EXPECT_THAT(stage.result("a").error->hints(), Contains(HasSubstr("dict2items")));
}

TEST(ALoop, SetsTheVariablesOfLoopControl) {
  Stage stage;
  stage.play(
      play_of("    - debug: {msg: '{{ i }}:{{ x }} {{ ansible_loop.first }} {{ ansible_loop.length }} {{ "
              "ansible_loop.nextitem | default(0) }}'}\n"
              "      loop: [a, b]\n"
              "      loop_control: {loop_var: x, index_var: i, extended: true, label: 'L{{ x }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("0:a True 2 b", "1:b False 2 0"));
  EXPECT_THAT(stage.results(), Contains(HasSubstr("(La): ok")));
}

TEST(ALoop, FlattensOneLevelForWithItems) {
  Stage stage;
  stage.play(play_of("    - {debug: {msg: '{{ item }}'}, with_items: [a, [b, c], [[d]]]}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("a", "b", "c", "[\"d\"]"));
}

TEST(SetFact, BuildsOnTheItemBefore) {
  Stage stage;
  stage.play(
      play_of("    - {set_fact: {all: \"{{ all | default([]) + [item] }}\"}, loop: [1, 2]}\n"
              "    - debug: {msg: '{{ all }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("[1,2]"));
}

TEST(ChangedWhenAndFailedWhen, DecideOverTheModule) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: echo x, register: r, changed_when: \"'y' in r.stdout\"}\n"
              "    - {name: b, command: 'false', failed_when: false, register: s}\n"
              "    - {name: c, command: echo bad, register: t, failed_when: [\"'bad' in t.stdout\", t.rc == 0], "
              "ignore_errors: true}\n"
              "    - debug: {msg: '{{ s.rc }} {{ s is failed }} {{ s.failed_when_result }}'}\n"));
  EXPECT_THAT(stage.results(),
              testing::IsSupersetOf({std::string("localhost a: ok"), std::string("localhost b: changed"),
                                     std::string("localhost c: ignored")}));
  EXPECT_THAT(stage.said(), ElementsAre("1 False False"));
}

TEST(Until, RunsAgainUntilTheConditionHolds) {
  Stage stage;
  int calls = 0;
  stage.module("count", [&](const TaskRequest&) {
    TaskReply reply;
    reply.result = Map{{"n", ++calls}};
    return reply;
  });
  stage.play(
      play_of("    - {name: a, count: {}, register: r, until: r.n >= 3, retries: 5, delay: 0}\n"
              "    - debug: {msg: '{{ r.attempts }} {{ r.n }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("3 3"));
  const auto retries = std::count_if(stage.events.begin(), stage.events.end(),
                                     [](const Event& e) { return std::holds_alternative<event::Retrying>(e); });
  EXPECT_EQ(retries, 2);
}

TEST(Until, FailsWhenTheTriesAreUsedUp) {
  Stage stage;
  stage.play(play_of("    - {name: a, command: 'true', register: r, until: false, retries: 2, delay: 0}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: failed"));
  EXPECT_EQ(stage.requests.size(), 3u);
  EXPECT_EQ(stage.result("a").result.find("attempts")->integer(), 2);
}

TEST(IgnoreErrors, KeepsTheHostAndCounts) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'false', ignore_errors: true, register: r}\n"
              "    - debug: {msg: '{{ r is failed }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("true"));
  EXPECT_EQ(stage.counts().ignored, 1);
  EXPECT_EQ(stage.counts().ok, 2);
  EXPECT_EQ(stage.counts().failed, 0);
}

TEST(Omit, LeavesAnArgumentOut) {
  Stage stage;
  stage.play(play_of("    - {copy: {dest: /x, content: '{{ nothing | default(omit) }}'}}\n"));
  EXPECT_FALSE(stage.requests.back().args.contains("content"));
}

TEST(TheEnvironment, IsMergedFromThePlayToTheTask) {
  Stage stage;
  stage.play(
      "- hosts: all\n  gather_facts: false\n  environment: {A: play, B: play}\n  tasks:\n"
      "    - {command: 'true', environment: {B: '{{ 1 + 1 }}'}}\n"
      "    - {command: 'true', environment: [{C: c}, {A: list}]}\n");
  EXPECT_EQ(stage.requests[0].environment, (Environment{{"A", "play"}, {"B", "2"}}));
  EXPECT_EQ(stage.requests[1].environment, (Environment{{"A", "list"}, {"B", "play"}, {"C", "c"}}));
}

TEST(Become, IsTakenFromTheNearestAndNotForPlainModules) {
  Stage stage;
  stage.play(
      "- hosts: all\n  gather_facts: false\n  become: true\n  become_user: alice\n  tasks:\n"
      "    - {command: 'true'}\n    - {command: 'true', become: false}\n    - {debug: {msg: x}}\n"
      "    - {command: 'true', become_user: '{{ who }}', vars: {who: bob}}\n");
  EXPECT_TRUE(stage.requests[0].identity.become);
  EXPECT_EQ(stage.requests[0].identity.user, "alice");
  EXPECT_FALSE(stage.requests[1].identity.become);
  EXPECT_FALSE(stage.requests[2].identity.become);
  EXPECT_EQ(stage.requests[3].identity.user, "bob");
}

TEST(AnUnknownModule, FailsOnlyTheHostThatReachesIt) {
  Stage stage;
  stage.play(play_of("    - {name: a, no_such_module: {}, when: false}\n    - {name: b, comand: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: skipped", "localhost b: failed"));
  EXPECT_THAT(stage.result("b").error->hints(), Contains(HasSubstr("command")));
}

TEST(AnArgumentThatIsNone, IsPointedAt) {
  Stage stage;
  stage.play(play_of("    - name: a\n      copy:\n        dest: /x\n        moed: '0644'\n"));
  EXPECT_THAT(stage.result("a").error->message(), HasSubstr("no argument 'moed'"));
  EXPECT_EQ(stage.result("a").error->where().line, 7);
}

TEST(DebugVerbosity, SkipsTheTask) {
  Stage stage;
  stage.play(play_of("    - {name: a, debug: {msg: x, verbosity: 2}}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: skipped"));
  EXPECT_THAT(stage.requests, IsEmpty());
}

TEST(DebugVar, SaysWhenAVariableIsNotThere) {
  Stage stage;
  stage.play(play_of("    - {debug: {var: 1 + 1}}\n    - {debug: {var: nothing}}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("2", "VARIABLE IS NOT DEFINED!"));
}

TEST(AFileOfTheController, IsFoundAndBrought) {
  Stage stage;
  stage.file("files/motd", "hello\n").play(play_of("    - {copy: {src: motd, dest: /etc/motd}}\n"));
  EXPECT_EQ(stage.requests.at(0).args.find("src_content")->string(), "hello\n");
}

TEST(AFileOfTheController, IsRenderedWhereItIsATemplate) {
  Stage stage;
  stage.module("template", [](const TaskRequest&) { return TaskReply(); });
  stage.file("templates/motd.j2", "hello {{ who }}\n")
      .play(play_of("    - {template: {src: motd.j2, dest: /etc/motd}, vars: {who: you}}\n"));
  EXPECT_EQ(stage.requests.at(0).args.find("src_content")->string(), "hello you\n");
}

TEST(AFileOfTheController, ThatIsMissingIsAFailureThatNamesThePlaces) {
  Stage stage;
  stage.play(play_of("    - {name: a, copy: {src: motd, dest: /etc/motd}}\n"));
  EXPECT_THAT(stage.result("a").error->message(), HasSubstr("there is no file 'motd'"));
  EXPECT_THAT(stage.result("a").error->hints(), Contains(HasSubstr("files/motd")));
}

TEST(Secrets, AreInNoEvent) {
  Stage stage;
  stage.module("copy", [](const TaskRequest& request) {
    TaskReply reply;
    reply.status = TaskReply::Status::failed;
    reply.result = Map{{"cmd", "login " + request.args.find("password")->string()}};
    reply.error = Error("the password 'hunter22' was refused");
    reply.output = "hunter22";
    return reply;
  });
  stage.play(play_of("    - {name: a, copy: {dest: /x, password: hunter22}}\n"));
  for (const auto& event : stage.events) EXPECT_THAT(to_value(event).json(), testing::Not(HasSubstr("hunter22")));
}

TEST(NoLog, HidesResultsAndItemsButNotFromThePlay) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'echo {{ item }}', loop: [secret1], no_log: true, register: r}\n"
              "    - {name: b, command: 'true', when: \"r.results[0].stdout == 'secret1'\"}\n"));
  EXPECT_THAT(stage.results(), Contains("localhost b: changed"));
  for (const auto& event : stage.events)
    if (const auto* result = std::get_if<event::TaskResult>(&event); result && result->task == "a") {
      EXPECT_THAT(to_value(event).json(), testing::Not(HasSubstr("secret1")));
    }
}

TEST(ValuesOfAHost, AreNeverTemplates) {
  Stage stage;
  stage.module("evil", [](const TaskRequest&) {
    TaskReply reply;
    reply.result =
        Map{{"text", "{{ 6 * 7 }}"}, {"ansible_facts", Map{{"trap", "{{ 6 * 7 }}"}, {"ansible_connection", "evil"}}}};
    return reply;
  });
  stage.play(
      play_of("    - {evil: {}, register: r}\n    - debug: {msg: '{{ r.text }}'}\n    - debug: {msg: '{{ trap }}'}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("{{ 6 * 7 }}", "{{ 6 * 7 }}"));
  EXPECT_THAT(stage.warnings(), Contains(HasSubstr("'ansible_connection' is not taken")));
}

TEST(DelegateTo, UsesTheOtherMachineAndKeepsTheResultHere) {
  Stage stage;
  stage.host("a").host("b", Map{{"ansible_connection", "local"}});
  stage.play(
      "- hosts: a\n  gather_facts: false\n  tasks:\n"
      "    - {name: t, command: 'echo {{ inventory_hostname }}', delegate_to: b, register: r}\n"
      "    - debug: {msg: '{{ r.stdout }}'}\n");
  EXPECT_EQ(stage.result("t").host, "a");
  EXPECT_EQ(stage.result("t").delegate, "b");
  EXPECT_THAT(stage.said(), ElementsAre("a"));
}

TEST(AnUnreachableHost, LeavesTheRun) {
  Stage stage;
  stage.host("a", Map{{"ansible_connection", "nowhere"}});
  stage.play(play_of("    - {name: t, command: 'true'}\n    - {name: u, command: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("a t: unreachable"));
  EXPECT_EQ(stage.counts("a").unreachable, 1);
}

}  // namespace
}  // namespace agent::executor
