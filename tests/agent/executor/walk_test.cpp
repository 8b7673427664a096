#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::string play_of(const std::string& tasks) {
  return "- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks;
}

TEST(ABlock, GoesOnInRescueAndThenInAlways) {
  Stage stage;
  stage.play(
      play_of("    - block:\n        - {name: a, command: 'false'}\n        - {name: b, command: 'true'}\n"
              "      rescue:\n        - debug: {msg: '{{ ansible_failed_task.name }} {{ ansible_failed_result.rc }}'}\n"
              "      always:\n        - {name: c, command: 'true'}\n    - {name: d, command: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: rescued", "localhost debug: ok", "localhost c: changed",
                                           "localhost d: changed"));
  EXPECT_THAT(stage.said(), ElementsAre("a 1"));
  EXPECT_EQ(stage.counts().rescued, 1);
  EXPECT_EQ(stage.counts().failed, 0);
}

TEST(ABlock, WithAFailingRescueFailsTheHostAfterAlways) {
  Stage stage;
  stage.play(play_of(
      "    - block:\n        - {name: a, command: 'false'}\n      rescue:\n        - {name: b, command: 'false'}\n"
      "      always:\n        - {name: c, command: 'true'}\n    - {name: d, command: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: rescued", "localhost b: failed", "localhost c: changed"));
  EXPECT_EQ(stage.counts().failed, 1);
}

TEST(ABlock, WithoutRescueHandsTheFailureToTheBlockAround) {
  Stage stage;
  stage.play(
      play_of("    - block:\n        - block:\n            - {name: a, command: 'false'}\n"
              "          always:\n            - {name: b, command: 'true'}\n"
              "      rescue:\n        - {name: c, command: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: rescued", "localhost b: changed", "localhost c: changed"));
}

TEST(ABlock, LetsItsTasksInheritWhenAndVars) {
  Stage stage;
  stage.play(
      play_of("    - block:\n        - {name: a, command: 'true'}\n        - {debug: {msg: '{{ v }}'}, when: on}\n"
              "      when: v == 1\n      vars: {v: 1, on: true}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("1"));
}

TEST(Handlers, RunOncePerFlushInTheOrderTheyAreDefined) {
  Stage stage;
  stage.play(play_of(
      "    - {name: a, command: 'true', notify: [second, first]}\n    - {name: b, command: 'true', notify: first}\n"
      "    - {name: c, command: 'true', changed_when: false, notify: third}\n"
      "  handlers:\n    - {name: first, command: 'true'}\n    - {name: second, command: 'true'}\n"
      "    - {name: third, command: 'true'}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK a", "TASK b", "TASK c", "HANDLER first", "HANDLER second"));
}

TEST(Handlers, AnswerToTopics) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', notify: web}\n"
              "  handlers:\n    - {name: x, command: 'true', listen: web}\n    - {name: y, command: 'true', listen: "
              "[db, web]}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK a", "HANDLER x", "HANDLER y"));
}

TEST(Handlers, RunAtFlushHandlersAndAfterEachSection) {
  Stage stage;
  stage.play(
      "- hosts: all\n  gather_facts: false\n  pre_tasks:\n    - {name: p, command: 'true', notify: h}\n  tasks:\n"
      "    - {name: a, command: 'true', notify: h}\n    - {meta: flush_handlers}\n    - {name: b, command: 'true'}\n"
      "  handlers:\n    - {name: h, command: 'true'}\n");
  EXPECT_THAT(stage.banners(), ElementsAre("TASK p", "HANDLER h", "TASK a", "TASK meta", "HANDLER h", "TASK b"));
}

TEST(Handlers, ThatNotifyLaterOnesRunThemInTheSameFlush) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', notify: one}\n"
              "  handlers:\n    - {name: one, command: 'true', notify: two}\n    - {name: two, command: 'true'}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK a", "HANDLER one", "HANDLER two"));
}

TEST(Handlers, OfAFailedHostRunOnlyWhenForced) {
  const std::string text = play_of(
      "    - {name: a, command: 'true', notify: h}\n    - {name: b, command: 'false'}\n"
      "  handlers:\n    - {name: h, command: 'true'}\n");
  Stage plain, forced;
  plain.play(text);
  EXPECT_THAT(plain.banners(), ElementsAre("TASK a", "TASK b"));
  forced.options.force_handlers = true;
  forced.play(text);
  EXPECT_THAT(forced.banners(), ElementsAre("TASK a", "TASK b", "HANDLER h"));
}

TEST(AnUnknownHandler, FailsTheTaskWithTheNearestName) {
  Stage stage;
  stage.play(
      play_of("    - {name: a, command: 'true', notify: '{{ \"restrat\" }}'}\n"
              "  handlers:\n    - {name: restart, command: 'true'}\n"));
  EXPECT_THAT(stage.result("a").error->message(), HasSubstr("'restrat' was not found"));
  EXPECT_THAT(stage.result("a").error->hints(), Contains(HasSubstr("restart")));
}

TEST(Tags, SelectTasks) {
  const std::string text = play_of(
      "    - {name: a, command: 'true', tags: [x]}\n    - {name: b, command: 'true', tags: always}\n"
      "    - {name: c, command: 'true'}\n    - {name: d, command: 'true', tags: [never, y]}\n");
  struct Case {
    Strings only, skip, expected;
  };
  const Case cases[] = {{{}, {}, {"TASK a", "TASK b", "TASK c"}}, {{"x"}, {}, {"TASK a", "TASK b"}},
                        {{"y"}, {}, {"TASK b", "TASK d"}},        {{}, {"x"}, {"TASK b", "TASK c"}},
                        {{"untagged"}, {}, {"TASK b", "TASK c"}}, {{"tagged"}, {}, {"TASK a", "TASK b"}},
                        {{"x"}, {"always"}, {"TASK a"}}};
  for (const auto& one : cases) {
    Stage stage;
    stage.options.tags = {one.only, one.skip};
    stage.play(text);
    EXPECT_EQ(stage.banners(), one.expected);
  }
}

TEST(IncludeTasks, BringsTasksInWhereItStands) {
  Stage stage;
  stage.file("more.yml", "- {name: inner, debug: {msg: '{{ v }} {{ w }}'}}\n");
  stage.play(
      play_of("    - {name: inc, include_tasks: more.yml, vars: {v: 1}}\n      \n    - {name: after, command: 'true'}\n"
              "  vars: {w: 2}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK inc", "TASK inner", "TASK after"));
  EXPECT_THAT(stage.said(), ElementsAre("1 2"));
  EXPECT_EQ(stage.counts().ok, 3);
}

TEST(IncludeTasks, LoopsAndIsSkippedAsAWhole) {
  Stage stage;
  stage.file("more.yml", "- {name: inner, debug: {msg: '{{ item }}'}}\n");
  stage.play(play_of(
      "    - {include_tasks: more.yml, loop: [1, 2]}\n    - {name: left out, include_tasks: more.yml, when: false}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("1", "2"));
  EXPECT_THAT(stage.results(), Contains("localhost left out: skipped"));
}

TEST(IncludeTasks, OfAMissingFileFailsTheTask) {
  Stage stage;
  stage.play(play_of("    - {name: a, include_tasks: '{{ \"no.yml\" }}'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: failed"));
}

TEST(IncludeRole, RunsTheRoleAndItsHandlers) {
  Stage stage;
  stage.file("roles/web/tasks/main.yml",
             "- {name: t, command: 'true', notify: h}\n- debug: {msg: '{{ port }} {{ role_name }}'}\n");
  stage.file("roles/web/handlers/main.yml", "- {name: h, command: 'true'}\n");
  stage.file("roles/web/defaults/main.yml", "port: 80\n");
  stage.play(play_of("    - include_role: {name: web}\n    - debug: {msg: \"{{ port | default('gone') }}\"}\n"));
  EXPECT_THAT(stage.said(), ElementsAre("80 web", "gone"));
  EXPECT_THAT(stage.banners(), Contains("HANDLER web : h"));
}

TEST(ARole, RunsBeforeTheTasksAndOnlyOnceWithTheSameParameters) {
  Stage stage;
  stage.file("roles/r/tasks/main.yml", "- debug: {msg: '{{ p }}'}\n").file("roles/r/defaults/main.yml", "p: default\n");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  roles:\n    - r\n    - r\n    - {role: r, p: given}\n"
      "  tasks:\n    - debug: {msg: '{{ p }}'}\n");
  EXPECT_THAT(stage.said(), ElementsAre("default", "given", "default"));
}

TEST(Meta, EndsTheHostOrThePlay) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {meta: end_host, when: inventory_hostname == 'a'}\n"
      "    - {name: t, command: 'true'}\n    - {meta: end_play}\n    - {name: u, command: 'true'}\n"
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: v, command: 'true'}\n");
  EXPECT_THAT(stage.banners(), ElementsAre("TASK meta", "TASK t", "TASK meta", "TASK v"));
  EXPECT_EQ(stage.counts("a").ok, 1);
  EXPECT_EQ(stage.counts("b").ok, 2);
}

TEST(Meta, OfTheWholePlayAsksTheFirstHostAlone) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {meta: end_play, when: inventory_hostname == 'b'}\n"
      "    - {name: t, command: 'true'}\n");
  EXPECT_EQ(stage.counts("a").ok, 1);
  EXPECT_EQ(stage.counts("b").ok, 1);
}

TEST(AnyErrorsFatal, LetsEveryHostRescueItself) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  any_errors_fatal: true\n  tasks:\n    - block:\n"
      "        - {name: f, fail: {msg: x}, when: inventory_hostname == 'a'}\n      rescue:\n"
      "        - {name: r, command: 'true'}\n    - {name: after, command: 'true'}\n");
  EXPECT_EQ(stage.counts("a").ok, 2);
  EXPECT_EQ(stage.counts("b").ok, 2);
  EXPECT_EQ(stage.counts("b").rescued, 0);
}

TEST(RunOnce, LeavesHandlersAndIncludesToTheFirstHost) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: c, command: 'true', run_once: true, notify: h}\n"
      "  handlers:\n    - {name: h, command: 'true'}\n");
  EXPECT_EQ(stage.counts("a").changed, 2);
  EXPECT_EQ(stage.counts("b").changed, 0);
}

TEST(AFailedHost, TakesNoPartInLaterPlays) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: t, command: \"{{ 'false' if inventory_hostname == "
      "'a' else 'true' }}\"}\n"
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: u, command: 'true'}\n");
  EXPECT_EQ(stage.counts("a").failed, 1);
  EXPECT_EQ(stage.counts("a").ok, 0);
  EXPECT_EQ(stage.counts("b").ok, 2);
}

TEST(TheRun, EndsWhenAWholeBatchHasFailed) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: a\n  gather_facts: false\n  tasks:\n    - {name: t, command: 'false'}\n"
      "- hosts: b\n  gather_facts: false\n  tasks:\n    - {name: u, command: 'true'}\n");
  EXPECT_THAT(stage.banners(), ElementsAre("TASK t"));
}

TEST(Serial, TakesEachBatchThroughTheWholePlay) {
  Stage stage;
  stage.host("a").host("b").host("c");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  serial: 2\n  tasks:\n    - {name: t, command: 'true'}\n    - {name: u, "
      "command: 'true'}\n");
  EXPECT_THAT(stage.banners(), ElementsAre("TASK t", "TASK u", "TASK t", "TASK u"));
}

TEST(AnyErrorsFatal, StopsAllHostsAfterTheTask) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  any_errors_fatal: true\n  tasks:\n"
      "    - {name: t, command: \"{{ 'false' if inventory_hostname == 'a' else 'true' }}\"}\n    - {name: u, command: "
      "'true'}\n");
  EXPECT_THAT(stage.banners(), ElementsAre("TASK t"));
  EXPECT_EQ(stage.counts("b").changed, 1);
}

TEST(RunOnce, IsDoneByTheFirstHostForAll) {
  Stage stage;
  stage.host("a").host("b").host("c");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: t, command: 'echo {{ inventory_hostname }}', "
      "run_once: true, register: r}\n"
      "    - {name: u, debug: {msg: '{{ r.stdout }}'}}\n");
  EXPECT_THAT(stage.said(), ElementsAre("a", "a", "a"));
  EXPECT_EQ(stage.counts("b").ok, 1);
}

TEST(Hosts, GoInStepTaskByTask) {
  Stage stage;
  for (int i = 0; i < 8; ++i) stage.host("h" + std::to_string(i));
  stage.options.forks = 3;
  stage.play(
      play_of("    - {name: t, command: 'true'}\n    - {name: u, command: 'true', when: inventory_hostname != 'h3'}\n"
              "    - {name: v, debug: {msg: \"{{ hostvars['h0'].inventory_hostname }}\"}}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK t", "TASK u", "TASK v"));
  const Strings results = stage.results();
  ASSERT_EQ(results.size(), 24u);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_THAT(results[i], HasSubstr(i < 8 ? " t:" : i < 16 ? " u:" : " v:"));
}

TEST(Throttle, LetsNoMoreHostsWorkAtATime) {
  Stage stage;
  for (int i = 0; i < 8; ++i) stage.host("h" + std::to_string(i));
  stage.options.forks = 6;
  std::atomic<int> inside{0}, most{0};
  stage.module("ping", [&](const TaskRequest&) {
    const int now = ++inside;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
    // Until the second is there too, which has to come.
    for (int i = 0; i < 10'000 && most < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --inside;
    return TaskReply();
  });
  stage.play(play_of("    - {name: t, ping: {}, throttle: '{{ 1 + 1 }}'}\n    - {name: u, command: 'true'}\n"));
  EXPECT_EQ(most, 2);
  EXPECT_EQ(stage.results().size(), 16u);
}

TEST(Throttle, IsANumber) {
  Stage stage;
  stage.host("a").host("b");
  stage.play(play_of("    - {name: t, command: 'true', throttle: \"{{ 'two' }}\"}\n"));
  EXPECT_EQ(stage.counts("a").failed, 1);
  EXPECT_THAT(stage.result("t").error->message(), HasSubstr("this must be a number, not 'two'"));
}

TEST(Hosts, ThatIncludeDifferentFilesTakeTurns) {
  Stage stage;
  stage.host("a", Map{{"f", "one"}}).host("b", Map{{"f", "two"}}).host("c", Map{{"f", "one"}});
  stage.file("one.yml", "- {name: one, command: 'true'}\n").file("two.yml", "- {name: two, command: 'true'}\n");
  stage.play(play_of("    - include_tasks: '{{ f }}.yml'\n    - {name: end, command: 'true'}\n"));
  EXPECT_THAT(stage.banners(), ElementsAre("TASK include_tasks", "TASK one", "TASK two", "TASK end"));
}

TEST(AnInterrupt, EndsTheRunAfterTheTaskAndReports) {
  Stage stage;
  stage.module("stop", [&](const TaskRequest&) {
    stage.interrupted = true;
    return TaskReply();
  });
  stage.play(play_of("    - {name: a, stop: {}}\n    - {name: b, command: 'true'}\n"));
  EXPECT_THAT(stage.results(), ElementsAre("localhost a: ok"));
  EXPECT_TRUE(stage.recap.interrupted);
}

TEST(AddHostAndGroupBy, MakeHostsForLaterPlays) {
  Stage stage;
  stage.play(
      "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - add_host: {name: new, groups: [g], v: 7}\n"
      "    - group_by: {key: by_me}\n"
      "- hosts: g\n  gather_facts: false\n  tasks:\n    - debug: {msg: '{{ v }} {{ group_names }}'}\n"
      "- hosts: by_me\n  gather_facts: false\n  tasks:\n    - debug: {msg: '{{ inventory_hostname }}'}\n");
  EXPECT_THAT(stage.said(), ElementsAre("7 ['g']", "localhost"));
}

TEST(NoHosts, AreNoError) {
  Stage stage;
  stage.play("- hosts: nobody\n  tasks:\n    - {command: 'true'}\n");
  EXPECT_TRUE(stage.recap.hosts.empty());
}

}  // namespace
}  // namespace agent::executor
