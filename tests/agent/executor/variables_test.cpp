#include <gmock/gmock.h>

#include <agent/executor/variable_view.hpp>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::ElementsAre;

TEST(Facts, AreAskedForOnlyWhenATaskNamesOne) {
  Stage stage;
  stage.facts(Map{{"distribution", "Debian"}});
  stage.play("- hosts: all\n  tasks:\n    - {command: 'true'}\n");
  EXPECT_EQ(stage.fact_calls, 0);
  EXPECT_THAT(stage.banners(), ElementsAre("TASK Gathering Facts", "TASK command"));

  Stage asking;
  asking.facts(Map{{"distribution", "Debian"}});
  asking.play(
      "- hosts: all\n  tasks:\n    - debug: {msg: \"{{ ansible_distribution }} {{ ansible_facts.distribution }} {{ "
      "ansible_facts['distribution'] }}\"}\n");
  EXPECT_EQ(asking.fact_calls, 1);
  EXPECT_THAT(asking.said(), ElementsAre("Debian Debian Debian"));
}

TEST(Facts, AreNotThereWhereThePlayDoesNotGatherThem) {
  Stage stage;
  stage.facts(Map{{"distribution", "Debian"}});
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: \"{{ ansible_distribution | default('none') "
      "}}\"}\n");
  EXPECT_EQ(stage.fact_calls, 0);
  EXPECT_THAT(stage.said(), ElementsAre("none"));
}

TEST(Precedence, IsThatOfTheReference) {
  // From the weakest to the strongest; each play leaves one more source out.
  Stage stage;
  stage.host("h", Map{{"v", "host"}, {"w", "host"}, {"x", "host"}, {"y", "host"}, {"z", "host"}});
  stage.file("roles/r/defaults/main.yml", "v: default\nonly: default\n")
      .file("roles/r/vars/main.yml", "x: role vars\n");
  stage.file("roles/r/tasks/main.yml",
             "- debug: {msg: '{{ v }}|{{ w }}|{{ x }}|{{ y }}|{{ z }}|{{ only }}'}\n  vars: {y: task vars}\n");
  stage.file("f.yml", "w: vars_files\nx: vars_files\n");
  stage.options.extra_vars = Map{{"z", "extra"}};
  stage.play(
      "- hosts: all\n  gather_facts: false\n  vars: {w: play, x: play, y: play, z: play}\n  vars_files: [f.yml]\n  "
      "roles: [r]\n");
  EXPECT_THAT(stage.said(), ElementsAre("host|vars_files|role vars|task vars|extra|default"));
}

TEST(Precedence, PutsSetFactAboveTaskVarsAndParametersAboveSetFact) {
  Stage stage;
  stage.file("inc.yml", "- debug: {msg: '{{ a }} {{ b }}'}\n");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - set_fact: {a: fact, b: fact}\n"
      "    - {debug: {msg: '{{ a }}'}, vars: {a: task}}\n    - {include_tasks: inc.yml, vars: {b: param}}\n");
  EXPECT_THAT(stage.said(), ElementsAre("fact", "fact param"));
}

TEST(Variables, AreRenderedLazily) {
  Stage stage;
  stage.play(
      "- hosts: all\n  gather_facts: false\n  vars: {a: '{{ b }}!'}\n  tasks:\n    - set_fact: {b: 1}\n"
      "    - debug: {msg: '{{ a }}'}\n    - set_fact: {b: 2}\n    - debug: {msg: '{{ a }}'}\n");
  EXPECT_THAT(stage.said(), ElementsAre("1!", "2!"));
}

TEST(MagicVariables, AreThere) {
  Stage stage;
  stage.host("a.example.org", {}, {"g"}).host("b", {}, {"g"});
  stage.play(
      "- hosts: a.example.org\n  gather_facts: false\n  name: P\n  tasks:\n"
      "    - debug: {msg: \"{{ inventory_hostname_short }} {{ groups['g'] | length }} {{ group_names }} {{ "
      "ansible_play_hosts }} "
      "{{ ansible_check_mode }} {{ hostvars['b']['inventory_hostname'] }} {{ ansible_play_name }} {{ ansible_managed "
      "}}\"}\n");
  EXPECT_THAT(stage.said(), ElementsAre("a 2 ['g'] ['a.example.org'] False b P Ansible managed"));
}

TEST(HostVars, AreRenderedWithTheVariablesOfTheirHost) {
  Stage stage;
  stage.host("a", Map{{"n", 1}}).host("b", Map{{"n", 2}, {"twice", Value::template_text("{{ n * 2 }}")}});
  stage.play(
      "- hosts: a\n  gather_facts: false\n  tasks:\n    - debug: {msg: \"{{ hostvars['b'].twice }} {{ n }}\"}\n");
  EXPECT_THAT(stage.said(), ElementsAre("4 1"));
}

TEST(VarsPrompt, AsksAndFillsPlayVars) {
  Stage stage;
  stage.answers = {"blue"};
  stage.play(
      "- hosts: all\n  gather_facts: false\n  vars_prompt: [{name: colour, prompt: which}]\n  tasks:\n    - debug: "
      "{msg: '{{ colour }}'}\n");
  EXPECT_THAT(stage.said(), ElementsAre("blue"));
}

TEST(IncludeVars, BeatsTaskVars) {
  Stage stage;
  stage.file("v.yml", "a: file\n");
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - include_vars: v.yml\n    - {debug: {msg: '{{ a }}'}, vars: "
      "{a: task}}\n"
      "    - include_vars: {file: v.yml, name: under}\n    - debug: {msg: '{{ under.a }}'}\n");
  EXPECT_THAT(stage.said(), ElementsAre("file", "file"));
}

TEST(Origins, NameEveryLayerThatSaysSomething) {
  Stage stage;
  stage.host("h", Map{{"v", "host"}});
  stage.options.extra_vars = Map{{"v", "extra"}};
  stage.play("- hosts: all\n  gather_facts: false\n  tasks: []\n");
  EXPECT_EQ(stage.variable("v", "h").string(), "extra");
}

TEST(CheckMode, MakesWhatIsNotKnownUnknownAndNeverGuesses) {
  Stage stage;
  stage.options.check = true;
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: probe, command: 'false', register: r}\n"
      "    - {name: if it failed, command: 'true', when: r.rc == 0}\n    - {name: say, debug: {msg: '{{ r.rc }}'}}\n"
      "    - {name: loop, command: 'true', loop: '{{ r.stdout_lines }}'}\n    - {name: sure, command: 'true', when: "
      "false}\n");
  EXPECT_EQ(stage.result("probe").status, Status::unknown);
  EXPECT_EQ(stage.result("if it failed").status, Status::unknown);
  EXPECT_THAT(stage.result("if it failed").reasons, testing::Contains("the command may write"));
  EXPECT_EQ(stage.result("say").status, Status::ok);
  EXPECT_EQ(stage.result("loop").status, Status::unknown);
  EXPECT_EQ(stage.result("sure").status, Status::skipped);
  EXPECT_EQ(stage.counts().unknown, 3);
}

TEST(CheckMode, RegistersWhatAChangeWouldHaveSaidAsUnknown) {
  Stage stage;
  stage.options.check = true;
  stage.module("command", [](const TaskRequest&) {
    TaskReply reply;
    reply.status = TaskReply::Status::would_change;
    reply.changes = {{"x", std::nullopt, "y"}};
    return reply;
  });
  stage.play(
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: a, command: 'true', register: r}\n"
      "    - {name: b, command: 'true', when: r is changed}\n    - {name: c, command: 'true', when: r.rc == 0}\n");
  EXPECT_EQ(stage.result("a").status, Status::would_change);
  EXPECT_EQ(stage.result("b").status, Status::would_change);
  EXPECT_EQ(stage.result("c").status, Status::unknown);
}

TEST(CheckMode, IsSaidToTheModulesUnlessATaskInsists) {
  Stage stage;
  stage.options.check = true;
  stage.play("- hosts: all\n  gather_facts: false\n  tasks:\n    - {ping: {}}\n    - {ping: {}, check_mode: false}\n");
  EXPECT_TRUE(stage.requests[0].check_mode);
  EXPECT_FALSE(stage.requests[1].check_mode);
}

}  // namespace
}  // namespace agent::executor
