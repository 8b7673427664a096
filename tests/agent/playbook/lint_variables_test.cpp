#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/playbook/lint.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/services.hpp>

#include "tree.hpp"

namespace agent {
namespace {

using testing::ElementsAreArray;

/// What the check of templates and variables says of a play; no module is known, so none is looked at.
Strings checked(const Tree& tree, const Strings& variables) {
  const jinja::LocalServices services;
  const jinja::Engine engine(services);
  PlaybookLoader loader({});
  Problems problems;
  const Playbook playbook = loader.load(tree / "site.yml", problems);
  LintOptions options;
  options.engine = &engine;
  options.variables = variables;
  lint(playbook, loader, options, problems);
  return tree.show(problems);
}

struct Text {
  const char* name;
  std::string play;  ///< behind `- hosts: all`
  Strings problems;
  Strings variables = {};  ///< that come from elsewhere
};

const Text texts[] = {
    {"ADefinedVariable", "  vars: {x: 1}\n  tasks:\n    - debug: {msg: '{{ x }}'}\n", {}},
    {"AnUndefinedVariable",
     "  tasks:\n    - debug: {msg: 'a {{ nobody }}'}\n",
     {"site.yml:3:26: warning: nothing defines the variable 'nobody'"}},
    {"ANearMiss",
     "  vars: {colour: red}\n  tasks:\n    - debug: {msg: '{{ color }}'}\n",
     {"site.yml:4:24: warning: nothing defines the variable 'color' | did you mean 'colour'?"}},
    {"OneThatComesFromElsewhere", "  tasks:\n    - debug: {msg: '{{ x }}'}\n", {}, {"x"}},
    {"AGuardedOne", "  tasks:\n    - debug: {msg: \"{{ x | default('y') }}\"}\n      when: z is defined and z\n", {}},
    {"OneOfAnInlineCondition", "  tasks:\n    - debug: {msg: \"{{ x if x is defined else '' }}\"}\n", {}},
    {"AResultOfALaterTask", "  tasks:\n    - debug: {msg: '{{ r }}'}\n    - command: ls\n      register: r\n", {}},
    {"ARegisterThatNobodyUses", "  tasks:\n    - command: ls\n      register: r\n", {}},
    {"AFactThatATaskSets", "  tasks:\n    - set_fact: {f: 1}\n    - debug: {msg: '{{ f }}'}\n", {}},
    {"NamesOfLoops",
     "  tasks:\n    - debug: {msg: '{{ item }} {{ one }} {{ i }}'}\n      loop: [1]\n"
     "      loop_control: {loop_var: one, index_var: i}\n",
     {}},
    {"NamesThatTheEngineKnows",
     "  tasks:\n    - debug: {msg: '{{ inventory_hostname }} {{ hostvars }} {{ ansible_os_family }} {{ omit }}'}\n",
     {}},
    {"NamesThatATemplateMakes",
     "  tasks:\n    - debug: {msg: '{% set a = 1 %}{% for b in [a] %}{{ b }}{{ loop.index }}{% endfor %}'}\n",
     {}},
    {"AConditionAndALoop",
     "  tasks:\n    - debug: {msg: x}\n      when: nobody\n      loop: '{{ nothing }}'\n",
     {"site.yml:4:13: warning: nothing defines the variable 'nobody'",
      "site.yml:5:17: warning: nothing defines the variable 'nothing'"}},
    {"AVariableOfTheTask", "  tasks:\n    - debug: {msg: '{{ v }}'}\n      vars: {v: 1}\n", {}},
    {"APlaceThatOnlyTheRunKnows",
     "  tasks:\n    - include_vars: '{{ ansible_os_family }}.yml'\n    - debug: {msg: '{{ from_there }}'}\n",
     {}},
    {"AnUnclosedExpression", "  tasks:\n    - debug: {msg: '{{ x'}\n", {"site.yml:3:25: expected '}}', found the end"}},
    {"AnUnknownFilter",
     "  vars: {x: 1}\n  tasks:\n    - debug: {msg: '{{ x | uper }}'}\n",
     {"site.yml:4:28: there is no filter 'uper' | did you mean 'upper'?"}},
    {"ABrokenCondition",
     "  vars: {x: 1}\n  tasks:\n    - debug: {msg: x}\n      when: x ==\n",
     {"site.yml:5:17: expected an expression, found the end"}},
    {"AnUnknownLoop",
     "  tasks:\n    - debug: {msg: x}\n      with_itmes: [1]\n",
     {"site.yml:4:7: there is no loop 'with_itmes' | did you mean 'with_items'?"}},
};

class LintOfText : public testing::TestWithParam<Text> {};

TEST_P(LintOfText, SaysWhatIsWrongAtItsPlace) {
  const Tree tree{{"site.yml", "- hosts: all\n" + GetParam().play}};
  EXPECT_THAT(checked(tree, GetParam().variables), ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Of, LintOfText, testing::ValuesIn(texts), [](const auto& one) { return one.param.name; });

TEST(LintOfRoles, KnowsTheirDefaultsVariablesAndSpecs) {
  const Tree tree{{"site.yml", "- hosts: all\n  roles: [{role: r, p: 1}]\n"},
                  {"roles/r/defaults/main.yml", "d: 1\n"},
                  {"roles/r/vars/main.yml", "v: '{{ wrong }}'\n"},
                  {"roles/r/meta/argument_specs.yml", "argument_specs: {main: {options: {s: {type: str}}}}\n"},
                  {"roles/r/tasks/main.yml", "- debug: {msg: '{{ d }} {{ v }} {{ s }} {{ p }} {{ other }}'}\n"}};
  EXPECT_THAT(checked(tree, {}),
              ElementsAreArray({"roles/r/tasks/main.yml:1:52: warning: nothing defines the variable 'other'"}));
}

}  // namespace
}  // namespace agent
