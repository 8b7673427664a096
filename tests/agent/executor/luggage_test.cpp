// What keeps a play on the controller, and what a machine that walks one may ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::HasSubstr;

/// What ties a play with these tasks; "" for nothing.
std::string tie(const std::string& tasks, const std::string& play = "", const Map& variables = {}) {
  Stage stage;
  stage.options.connection = "ssh";
  for (const char* here : {"localhost", "127.0.0.1"}) stage.host(here, {{"ansible_connection", "local"}});
  stage.host("other")
      .host("web", variables)
      .file("files/plain", "x")
      .file("templates/plain.j2", "{{ inventory_hostname }}");
  stage.file("templates/far.j2", "{{ hostvars }}").file("more.yml", "- ping:\n  delegate_to: localhost\n");
  stage.file("os/a.yml", "- ping:\n").file("os/b.yml", "- ping:\n  run_once: true\n").file("vars/vars.yml", "x: 1\n");
  // Nothing of it is played: there is no way to these hosts.
  stage.play("- hosts: nobody\n  gather_facts: false\n" + play + "  tasks:\n" + tasks);
  return stage.luggage().of(stage.last_play()).tie.value_or("");
}

TEST(APlay, MayLeaveWhenItConcernsItsHostAlone) {
  for (const char* tasks :
       {"    - ping:\n", "    - copy: {src: plain, dest: /x}\n",
        "    - copy: {src: '{{ item }}', dest: /x}\n      loop: [plain]\n",
        "    - debug: {msg: \"{{ lookup('env', 'HOME') }} {{ lookup('vars', 'x', default=1) }}\"}\n",
        "    - debug: {msg: \"{{ groups.all }} now we know {{ inventory_hostname }}\"}\n",
        "    - ping:\n      run_once: false\n", "    - meta: flush_handlers\n", "    - pause: {seconds: 1}\n"})
    EXPECT_EQ(tie(tasks), "") << tasks;
  EXPECT_EQ(tie("    - ping:\n", "  strategy: free\n"), "");
}

TEST(APlay, MayLeaveWithWhatTheControllerDoesForItOrHasItsHostsWaitFor) {
  for (const char* tasks :
       {"    - ping:\n      delegate_to: localhost\n", "    - local_action: ping\n",
        "    - block: [{ping: }]\n      delegate_to: 127.0.0.1\n", "    - ping:\n      run_once: true\n",
        "    - ping:\n      throttle: 1\n", "    - debug: {msg: '{{ now() }}'}\n      delegate_to: localhost\n",
        "    - debug: {msg: \"{{ lookup('pipe', 'echo ' ~ 1) }}\"}\n      delegate_to: localhost\n",
        "    - include_tasks: \"os/{{ x | default('a') }}.yml\"\n"})
    EXPECT_EQ(tie(tasks), "") << tasks;
}

TEST(APlay, StaysForWhatConcernsOtherMachines) {
  const std::pair<const char*, const char*> cases[] = {
      {"    - ping:\n      delegate_to: other\n", "'delegate_to'"},
      {"    - ping:\n      delegate_to: '{{ groups.all[0] }}'\n", "'delegate_to'"},
      {"    - import_tasks: more.yml\n    - import_tasks: more.yml\n", "'delegate_to'"},
      {"    - debug: {msg: '{{ hostvars }}'}\n      delegate_to: localhost\n", "'hostvars'"},
      {"    - ping:\n      delegate_to: localhost\n    - include_vars: vars.yml\n", "an include brings"},
      {"    - include_tasks: os/a.yml\n      run_once: true\n", "'run_once'"},
      {"    - pause:\n", "'pause'"},
      {"    - ping:\n      any_errors_fatal: true\n", "'any_errors_fatal'"},
      {"    - debug: {msg: \"{{ hostvars.web.x | default(1) }}\"}\n", "'hostvars'"},
      {"    - debug: {msg: \"{{ ansible_play_hosts }}\"}\n", "'ansible_play_hosts'"},
      {"    - debug: {msg: \"{{ lookup('pipe', 'echo ' ~ 1) }}\"}\n", "the lookup 'pipe'"},
      {"    - debug: {msg: \"{{ lookup(x | default('env'), 'HOME') }}\"}\n", "a lookup whose name is made"},
      {"    - debug: {msg: \"{{ '/etc/passwd' is exists }}\"}\n", "'is exists'"},
      {"    - group_by: {key: x}\n", "'group_by'"},
      {"    - meta: end_play\n", "'meta: end_play'"},
      {"    - include_tasks: more.yml\n", "'delegate_to'"}};
  for (const auto& [tasks, why] : cases) EXPECT_THAT(tie(tasks), HasSubstr(why)) << tasks;
  EXPECT_THAT(tie("    - ping:\n", "  strategy: linear\n"), HasSubstr("strategy: linear"));
  EXPECT_THAT(tie("    - ping:\n", "  max_fail_percentage: 10\n"), HasSubstr("max_fail_percentage"));
  EXPECT_THAT(tie("    - ping:\n", "", {{"x", Value::template_text("{{ hostvars.a.b }}")}}), HasSubstr("'hostvars'"));
}

class SomeLuggage : public testing::Test {
 protected:
  SomeLuggage() {
    stage.host("web").file("files/plain", "open").file("secret", "hunter2").file("roles/r/tasks/main.yml", "- ping:\n");
    stage.file("roles/r/files/of_role", "of role").file("vars/late.yml", "x: 1");
    stage.play(
        "- hosts: web\n  gather_facts: false\n  roles: [r]\n  tasks:\n    - copy: {src: plain, dest: /x}\n"
        "    - debug: {msg: \"{{ lookup('file', 'plain') }}\"}\n");
  }
  std::string content(const std::string& file) const {
    try {
      return stage.luggage().answer({"content", file}).string();
    } catch (const Error& error) {
      return "refused: " + error.message();
    }
  }
  std::string lookup(const std::string& name, const std::string& term, Strings places, Map more = {}) const {
    jinja::LookupCall call{name, {term}, std::move(more), std::move(places)};
    try {
      return stage.luggage().lookup(call).front().string();
    } catch (const Error& error) {
      return "refused: " + error.message();
    }
  }
  std::string at(const std::string& name) const { return stage.directory() + "/" + name; }
  Stage stage;
};

TEST_F(SomeLuggage, HoldsWhatThePlaysName) {
  EXPECT_EQ(content(at("files/plain")), "open");
  EXPECT_EQ(content(at("roles/r/files/of_role")), "of role");
  EXPECT_EQ(content(at("vars/late.yml")), "x: 1");
  EXPECT_EQ(lookup("file", "plain", {stage.directory()}), "open");
}

TEST_F(SomeLuggage, HoldsNothingElse) {
  for (const std::string& file :
       {at("secret"), at("files/../secret"), at("roles/r/../../secret"), std::string("/etc/passwd"),
        std::string("/proc/self/environ"), std::string("../../../etc/passwd")}) {
    EXPECT_THAT(content(file), HasSubstr("refused")) << file;
    EXPECT_EQ(stage.luggage().answer({"kind", file}), Value("none")) << file;
  }
  std::filesystem::create_symlink("/etc/passwd", at("files/link"));
  EXPECT_THAT(content(at("files/link")), HasSubstr("refused"));
}

TEST_F(SomeLuggage, HoldsNothingThatIsReadLater) {
  const Luggage packed = stage.luggage();
  EXPECT_EQ(stage.files().content(at("secret")), "hunter2");
  EXPECT_THROW(packed.answer({"content", at("secret")}), Error);
  EXPECT_THAT(Value(packed.files()).json(), testing::Not(HasSubstr("hunter2")));
}

TEST_F(SomeLuggage, LooksUpOnlyWhatIsWrittenOut) {
  EXPECT_THAT(lookup("file", "/etc/passwd", {stage.directory()}), HasSubstr("refused"));
  EXPECT_THAT(lookup("file", "plain", {"/etc"}), HasSubstr("refused"));
  EXPECT_THAT(lookup("file", "plain", {stage.directory()}, {{"x", 1}}), HasSubstr("refused"));
  EXPECT_THAT(lookup("pipe", "id", {}), HasSubstr("refused"));
  EXPECT_THAT(lookup("pipe", "plain", {}), HasSubstr("refused"));
}

}  // namespace
}  // namespace agent::executor
