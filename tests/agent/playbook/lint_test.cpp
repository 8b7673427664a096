#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/playbook/lint.hpp>

#include "tree.hpp"

namespace agent {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

Argument argument(std::string name, Type type, bool required = false) {
  Argument made;
  made.name = std::move(name);
  made.type = type;
  made.required = required;
  made.help = "what it is";
  return made;
}

/// A few modules as the index would know them.
const Spec* find_spec(const std::string& name) {
  static const std::map<std::string, Spec> specs = [] {
    std::map<std::string, Spec> all;
    Spec copy;
    copy.name = "copy";
    copy.arguments = {argument("src", Type::text), argument("dest", Type::path, true), argument("mode", Type::mode),
                      argument("force", Type::boolean), argument("content", Type::text)};
    copy.arguments[0].source = "files";
    Spec debug;
    debug.name = "debug";
    debug.arguments = {argument("msg", Type::any), argument("var", Type::expression)};
    Spec command;
    command.name = "command";
    command.free_text = "cmd";
    command.arguments = {argument("cmd", Type::text), argument("creates", Type::path)};
    Spec package;
    package.name = "package";
    package.arguments = {argument("name", Type::list, true), argument("state", Type::text)};
    package.arguments[1].choices = {"present", "absent"};
    Spec meta;
    meta.name = "meta";
    meta.free_text = "action";
    meta.arguments = {argument("action", Type::text, true)};
    meta.arguments[0].choices = {"noop", "flush_handlers"};
    Spec set_fact;
    set_fact.name = "set_fact";
    set_fact.open = true;
    Spec include_tasks;
    include_tasks.name = "include_tasks";
    include_tasks.free_text = "file";
    include_tasks.arguments = {argument("file", Type::text, true)};
    Spec include_role;
    include_role.name = "include_role";
    include_role.arguments = {argument("name", Type::text, true)};
    Spec include_vars;
    include_vars.name = "include_vars";
    include_vars.free_text = "file";
    include_vars.arguments = {argument("file", Type::text), argument("name", Type::text)};
    Spec cuda;
    cuda.name = "cuda";
    cuda.arguments = {argument("version", Type::text, true), argument("default", Type::boolean)};
    for (const Spec& spec :
         {copy, debug, command, package, meta, set_fact, include_tasks, include_role, include_vars, cuda})
      all[spec.name] = spec;
    return all;
  }();
  const auto found = specs.find(name);
  return found == specs.end() ? nullptr : &found->second;
}

LintOptions options() {
  LintOptions made;
  made.find_spec = find_spec;
  made.module_names = {"command",      "copy", "debug",   "include_role", "include_tasks",
                       "include_vars", "meta", "package", "set_fact"};
  return made;
}

Strings linted(const Tree& tree, const LintOptions& with = options()) {
  PlaybookLoader::Options loading;
  loading.knows_module = [](const std::string& name) { return find_spec(name) != nullptr; };
  PlaybookLoader loader(loading);
  Problems problems;
  const Playbook playbook = loader.load(tree / "site.yml", problems);
  lint(playbook, loader, with, problems);
  return tree.show(problems);
}

struct Mistake {
  const char* name;
  std::string text;  ///< of the tasks
  Strings problems;
};

const Mistake mistakes[] = {
    {"Nothing", "    - copy: {content: x, dest: /a}\n", {}},
    {"UnknownModule", "    - coppy: {dest: /a}\n", {"site.yml:3:7: there is no module 'coppy' | did you mean 'copy'?"}},
    {"UnknownArgument",
     "    - copy: {content: x, dst: /a, dest: /b}\n",
     {"site.yml:3:26: copy has no argument 'dst' | did you mean 'dest'?"}},
    {"MissingArgument", "    - name: n\n      copy: {content: x}\n", {"site.yml:4:7: copy needs 'dest': what it is"}},
    {"SeveralArguments",
     "    - package: {nme: vim, state: gone}\n",
     {"site.yml:3:7: package needs 'name': what it is",
      "site.yml:3:17: package has no argument 'nme' | did you mean 'name'?",
      "site.yml:3:34: package has no state 'gone': it is 'present' or 'absent'"}},
    {"ArgumentType",
     "    - copy: {content: x, dest: /a, force: maybe}\n",
     {"site.yml:3:43: copy takes yes or no as 'force', not 'maybe'"}},
    {"TemplatesMayBeAnything", "    - copy: {content: x, dest: /a, force: '{{ f }}', mode: '{{ m }}'}\n", {}},
    {"ArgumentsFromAnExpression", "    - copy: '{{ all }}'\n    - package:\n      args: '{{ all }}'\n", {}},
    {"TwoDefaults",
     "    - cuda: {version: \"12.4\", default: true}\n    - cuda: {version: 12.6.3, default: true}\n",
     {"site.yml:4:7: two tasks want different defaults of CUDA: 12.4 and 12.6 | the other one is at site.yml:3:7: keep "
      "default: true in one of them"}},
    {"DefaultsThatDoNotCompete",
     "    - cuda: {version: \"12.4\", default: true}\n    - cuda: {version: 12.4.1, default: true}\n"
     "    - cuda: {version: \"12.6\"}\n    - cuda: {version: \"12.8\", default: true}\n      when: is_new\n",
     {}},
    {"FreeText",
     "    - debug: hello\n",
     {"site.yml:3:14: debug takes no free text | write its arguments by name: 'debug: {msg: ...}'"}},
    {"CommandLine", "    - command: ls -l creates=/x\n", {}},
    {"MetaAction",
     "    - meta: flush\n",
     {"site.yml:3:13: meta has no action 'flush': it is 'noop' or 'flush_handlers'"}},
    {"DecimalMode",
     "    - copy: {content: x, dest: /a, mode: 644}\n",
     {"site.yml:3:42: warning: 'mode: 644' is a decimal number, and means the mode 1204 | write '0644', in quotes"}},
    {"OctalMode",
     "    - copy: {content: x, dest: /a, mode: 0644}\n    - copy: {content: x, dest: /b, mode: '644'}\n",
     {}},
    {"BracesInCondition",
     "    - debug: {msg: x}\n      when: \"{{ x }}\"\n",
     {"site.yml:4:14: warning: 'when' is an expression already, and needs no braces | write 'when: x'"}},
    {"MissingSource",
     "    - copy: {src: no.txt, dest: /a}\n",
     {"site.yml:3:19: there is no file 'no.txt' | looked for 'files/no.txt', 'no.txt'"}},
    {"SourceOnTheMachine",
     "    - copy: {src: no.txt, dest: /a, remote_src: yes}\n",
     {"site.yml:3:37: copy has no argument 'remote_src' | 'agent doc copy' lists what it takes"}},
    {"AbsoluteSource", "    - copy: {src: /no/such, dest: /a}\n", {}},
    {"MissingInclude",
     "    - include_tasks: no.yml\n",
     {"site.yml:3:22: there is no file of tasks 'no.yml' | looked for 'no.yml', 'tasks/no.yml'"}},
    {"MissingRole", "    - include_role: {name: web}\n", {"site.yml:3:28: there is no role 'web' | looked in 'roles'"}},
    {"MissingVariables",
     "    - include_vars: no.yml\n",
     {"site.yml:3:21: there is no file 'no.yml' | looked for 'vars/no.yml', 'no.yml'"}},
    {"UnknownHandler",
     "    - debug: {msg: x}\n      notify: [restrat, other]\n  handlers:\n    - name: restart\n      debug: {msg: y}\n "
     "     listen: web\n",
     {"site.yml:4:16: there is no handler 'restrat' | did you mean 'restart'?",
      "site.yml:4:25: there is no handler 'other' | handlers stand under 'handlers:' of the play, or in a role's "
      "handlers/main.yml",
      "site.yml:6:13: warning: nobody notifies the handler 'restart'"}},
    {"HandlersByTopic",
     "    - debug: {msg: x}\n      notify: web\n  handlers:\n    - name: restart\n      debug: {msg: y}\n      listen: "
     "web\n",
     {}},
    {"HandlersByTemplate",
     "    - debug: {msg: x}\n      notify: '{{ h }}'\n  handlers:\n    - name: restart\n      debug: {msg: y}\n",
     {}},
};

class LintMistake : public testing::TestWithParam<Mistake> {};

TEST_P(LintMistake, IsExplainedAtItsPlace) {
  const Tree tree{{"site.yml", "- hosts: all\n  tasks:\n" + GetParam().text}};
  EXPECT_THAT(linted(tree), ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Of, LintMistake, testing::ValuesIn(mistakes), [](const auto& one) { return one.param.name; });

TEST(Lint, OnlyWarnsOfUnknownModulesBeforeARun) {
  LintOptions with = options();
  with.unknown_module_is_error = false;
  const Tree tree{{"site.yml", "- hosts: all\n  tasks: [{zypper: {name: x}}]\n"}};
  EXPECT_THAT(linted(tree, with),
              ElementsAre("site.yml:2:12: warning: there is no module 'zypper' | a host that reaches this task fails"));
}

TEST(Lint, LooksIntoIncludedFilesAndRoles) {
  const Tree tree{{"site.yml",
                   "- hosts: all\n  tasks:\n    - include_tasks: a.yml\n    - include_role: {name: r}\n    - debug: "
                   "{msg: x}\n      notify: h\n"},
                  {"a.yml", "- copyy:\n- include_tasks: a.yml\n"},
                  {"roles/r/tasks/main.yml", "- copy: {src: x.txt, dest: /x, to: y}\n"},
                  {"roles/r/files/x.txt", ""},
                  {"roles/r/handlers/main.yml", "- name: h\n  debug: {msg: h}\n"}};
  EXPECT_THAT(
      linted(tree),
      ElementsAre("a.yml:1:3: there is no module 'copyy' | did you mean 'copy'?",
                  "roles/r/tasks/main.yml:1:32: copy has no argument 'to' | 'agent doc copy' lists what it takes"));
}

TEST(Lint, NamesMissingFilesOfVariables) {
  const Tree tree{{"site.yml", "- hosts: all\n  vars_files: [no.yml, [a.yml, there.yml], '{{ x }}.yml']\n"},
                  {"there.yml", "a: 1\n"}};
  EXPECT_THAT(linted(tree), ElementsAre("site.yml:2:16: there is no file 'no.yml' | looked for 'no.yml'"));
}

TEST(Lint, FindsTenMistakesInOneFile) {
  const Tree tree{{"site.yml", R"(- hosts: all
  becom: yes
  vars_files: [no.yml]
  tasks:
    - coppy: {dest: /a}
    - copy: {dst: /a, dest: /b, mode: 644}
    - copy: {src: no.txt, dest: /a, force: maybe}
    - debug: {msg: x}
      notify: nobody
      when: "{{ x }}"
    - name: empty
)"}};
  EXPECT_EQ(linted(tree).size(), 10u);
}

}  // namespace
}  // namespace agent
