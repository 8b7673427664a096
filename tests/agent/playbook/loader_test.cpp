#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/playbook/loader.hpp>

#include "tree.hpp"

namespace agent {
namespace {

using testing::ElementsAre;

/// One task a line: "module name {args}", with blocks' parts indented.
void outline(const Items& items, const std::string& indent, Strings& lines) {
  for (const Item& item : items) {
    if (const auto* task = std::get_if<TaskPtr>(&item)) {
      std::string line = indent + (*task)->module;
      if (!(*task)->name.is_null()) line += " '" + (*task)->name.string() + "'";
      if (!(*task)->args.empty()) line += " " + Value((*task)->args).json();
      if ((*task)->free_text) line += " <" + (*task)->free_text->string() + ">";
      lines.push_back(line);
      continue;
    }
    const Block& block = *std::get<BlockPtr>(item);
    const Role* role = block.scope->role.get();
    lines.push_back(indent + (role ? "role " + role->name : block.is_implicit ? "import" : "block"));
    outline(block.block, indent + "  ", lines);
    if (!block.rescue.empty()) lines.push_back(indent + "rescue"), outline(block.rescue, indent + "  ", lines);
    if (!block.always.empty()) lines.push_back(indent + "always"), outline(block.always, indent + "  ", lines);
  }
}
Strings outline(const Items& items) {
  Strings lines;
  outline(items, "", lines);
  return lines;
}

Strings texts(const std::vector<Value>& values) {
  Strings all;
  for (const Value& value : values) all.push_back(value.is_string() ? value.string() : value.json());
  return all;
}

PlaybookLoader::Options with_modules(Strings names) {
  PlaybookLoader::Options options;
  options.knows_module = [names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return options;
}

const Task& task_at(const Items& items, std::size_t index) {
  return *std::get<TaskPtr>(items.at(index));
}
const Block& block_at(const Items& items, std::size_t index) {
  return *std::get<BlockPtr>(items.at(index));
}

/// A playbook of one play with these tasks.
Play play_with(const Tree& tree, const std::string& tasks) {
  const_cast<Tree&>(tree).write("site.yml", "- hosts: all\n  tasks:\n" + tasks);
  PlaybookLoader loader({});
  return loader.load(tree / "site.yml").plays.at(0);
}

TEST(Play, KeepsItsKeywords) {
  const Tree tree{{"site.yml", R"(
- name: first
  hosts: [a, b]
  become: yes
  gather_facts: no
  serial: ["1", 50%]
  vars: {x: 1, y: "{{ x }}"}
  vars_files: [a.yml, [b.yml, c.yml]]
  environment: {PATH: /bin}
  tags: a, b
  user: alice
  vars_prompt:
    - {name: word, prompt: "Which?", private: no, default: z}
)"}};
  PlaybookLoader loader({});
  const Play play = loader.load(tree / "site.yml").plays.at(0);
  EXPECT_EQ(play.name.string(), "first");
  EXPECT_EQ(play.hosts.json(), R"(["a","b"])");
  EXPECT_TRUE(nearest(*play.scope, &Settings::become)->boolean());
  EXPECT_FALSE(play.gather_facts->boolean());
  EXPECT_EQ(play.serial->json(), R"(["1","50%"])");
  EXPECT_EQ(Value(play.scope->settings.vars).json(), R"({"x":1,"y":"{{ x }}"})");
  EXPECT_TRUE(play.scope->settings.vars.find("y")->is_template());
  EXPECT_EQ(play.vars_files.size(), 2u);
  EXPECT_THAT(texts(tags(*play.scope)), ElementsAre("a", "b"));
  EXPECT_EQ(play.scope->settings.remote_user->string(), "alice");
  ASSERT_EQ(play.vars_prompt.size(), 1u);
  EXPECT_FALSE(play.vars_prompt[0].is_private);
  EXPECT_EQ(play.vars_prompt[0].default_value.string(), "z");
}

TEST(Task, KeepsItsKeywords) {
  const Tree tree{};
  const Play play = play_with(tree, R"(
    - name: copy it
      ansible.builtin.copy: {src: a, dest: "{{ b }}"}
      args: {mode: 0644, dest: under}
      when: [x is defined, y]
      register: out
      loop: [1, 2]
      loop_control: {loop_var: n, label: "{{ n }}"}
      until: out is succeeded
      retries: 5
      delay: 2
      changed_when: false
      failed_when: [a, b]
      notify: restart it
      tags: [t1, t2]
      delegate_to: localhost
      run_once: true
      become_user: bob
)");
  const Task& task = task_at(play.tasks, 0);
  EXPECT_EQ(task.module, "copy");
  EXPECT_EQ(task.module_as_written, "ansible.builtin.copy");
  EXPECT_EQ(Value(task.args).json(), R"({"src":"a","dest":"{{ b }}","mode":420})");
  EXPECT_EQ(task.argument_places.at(1).text(), (tree / "site.yml").string() + ":5:38");
  EXPECT_THAT(texts(conditions(*task.scope)), ElementsAre("x is defined", "y"));
  EXPECT_EQ(task.register_name, "out");
  EXPECT_EQ(task.loop->kind, "loop");
  EXPECT_EQ(task.loop_control.loop_var, "n");
  EXPECT_EQ(task.retries->integer(), 5);
  EXPECT_THAT(texts(task.failed_when), ElementsAre("a", "b"));
  EXPECT_FALSE(task.changed_when.at(0).boolean());
  EXPECT_THAT(texts(notifications(*task.scope)), ElementsAre("restart it"));
  EXPECT_EQ(nearest(*task.scope, &Settings::delegate_to)->string(), "localhost");
  EXPECT_EQ(task.where.line, 4);
}

TEST(Task, TakesItsArgumentsInEveryForm) {
  const Tree tree{};
  const Play play = play_with(tree, R"(
    - copy: src=a dest=b
    - command: ls -l chdir=/tmp
    - shell: |
        a
        b
      args:
        creates: /x
    - action: copy src=a dest=b
    - action: {module: copy, src: a}
    - local_action: command ls
    - debug: "{{ all_of_it }}"
    - command: {argv: [a, b]}
    - meta: flush_handlers
    - ping:
    - with_items: [1]
      debug: msg={{ item }}
)");
  EXPECT_THAT(outline(play.tasks),
              ElementsAre("copy {\"src\":\"a\",\"dest\":\"b\"}", "command {\"chdir\":\"/tmp\"} <ls -l>",
                          "shell {\"creates\":\"/x\"} <a\nb\n>", "copy {\"src\":\"a\",\"dest\":\"b\"}",
                          "copy {\"src\":\"a\"}", "command <ls>", "debug", "command {\"argv\":[\"a\",\"b\"]}",
                          "meta <flush_handlers>", "ping", "debug {\"msg\":\"{{ item }}\"}"));
  EXPECT_TRUE(task_at(play.tasks, 5).is_local_action);
  EXPECT_EQ(nearest(*task_at(play.tasks, 5).scope, &Settings::delegate_to)->string(), "localhost");
  EXPECT_EQ(task_at(play.tasks, 6).args_template->string(), "{{ all_of_it }}");
  EXPECT_EQ(task_at(play.tasks, 10).loop->kind, "items");
}

TEST(Block, PassesItsSettingsDown) {
  const Tree tree{};
  const Play play = play_with(tree, R"(
    - name: outer
      when: a
      tags: x
      become: yes
      block:
        - debug:
          when: b
          tags: y
        - block:
            - ping:
              become: no
      rescue:
        - debug: msg=r
      always:
        - debug: msg=z
)");
  EXPECT_THAT(outline(play.tasks), ElementsAre("block", "  debug", "  block", "    ping", "rescue",
                                               "  debug {\"msg\":\"r\"}", "always", "  debug {\"msg\":\"z\"}"));
  const Block& block = block_at(play.tasks, 0);
  const Task& first = task_at(block.block, 0);
  EXPECT_THAT(texts(conditions(*first.scope)), ElementsAre("a", "b"));
  EXPECT_THAT(texts(tags(*first.scope)), ElementsAre("x", "y"));
  EXPECT_TRUE(nearest(*first.scope, &Settings::become)->boolean());
  EXPECT_FALSE(nearest(*task_at(block_at(block.block, 1).block, 0).scope, &Settings::become)->boolean());
}

TEST(ImportTasks, SplicesTheFileAndPassesConditionsDown) {
  const Tree tree{
      {"site.yml",
       "- hosts: all\n  vars: {n: more}\n  tasks:\n    - import_tasks: tasks/{{ n }}.yml\n      when: c\n      "
       "tags: [t]\n      vars: {v: 1}\n"},
      {"tasks/more.yml", "- debug: msg=1\n  when: d\n- import_tasks: deep.yml\n"},
      {"tasks/deep.yml", "- ping:\n"}};
  PlaybookLoader::Options options;
  options.render = [](const Value&, const Map& variables) {
    return Value("tasks/" + variables.find("n")->string() + ".yml");
  };
  PlaybookLoader loader(options);
  const Play play = loader.load(tree / "site.yml").plays.at(0);
  EXPECT_THAT(outline(play.tasks), ElementsAre("import", "  debug {\"msg\":\"1\"}", "  import", "    ping"));
  const Task& debug = task_at(block_at(play.tasks, 0).block, 0);
  EXPECT_THAT(texts(conditions(*debug.scope)), ElementsAre("c", "d"));
  EXPECT_THAT(texts(tags(*debug.scope)), ElementsAre("t"));
  EXPECT_EQ(chain(*debug.scope)[1]->kind, Scope::Kind::import);
  EXPECT_EQ(debug.scope->directory, tree / "tasks");
}

TEST(ImportPlaybook, SplicesPlaysWithVariablesTagsAndConditions) {
  const Tree tree{
      {"site.yml", "- import_playbook: sub/other.yml\n  when: w\n  tags: t\n  vars: {a: 2}\n- hosts: last\n"},
      {"sub/other.yml", "- hosts: first\n  vars: {a: 1, b: 3}\n  tasks: [{debug: }]\n"}};
  PlaybookLoader loader({});
  const Playbook playbook = loader.load(tree / "site.yml");
  ASSERT_EQ(playbook.plays.size(), 2u);
  const Play& play = playbook.plays[0];
  EXPECT_EQ(Value(play.scope->settings.vars).json(), R"({"a":2,"b":3})");
  EXPECT_THAT(texts(conditions(*task_at(play.tasks, 0).scope)), ElementsAre("w"));
  EXPECT_THAT(texts(tags(*task_at(play.tasks, 0).scope)), ElementsAre("t"));
  EXPECT_EQ(play.directory, tree / "sub");
}

const Tree& role_tree(Tree& tree) {
  tree.write("roles/web/tasks/main.yml", "- template: src=a.j2 dest=/a\n  notify: reload\n- import_tasks: more.yml\n");
  tree.write("roles/web/tasks/more.yml", "- ping:\n");
  tree.write("roles/web/handlers/main.yml", "- name: reload\n  service: name=web state=reloaded\n  listen: topic\n");
  tree.write("roles/web/defaults/main.yml", "port: 80\n");
  tree.write("roles/web/vars/main/a.yml", "one: 1\n");
  tree.write("roles/web/vars/main/b.yml", "two: 2\n");
  tree.write("roles/web/meta/main.yml", "dependencies:\n  - {role: base, level: 3}\nallow_duplicates: true\n");
  tree.write("roles/web/meta/argument_specs.yml",
             "argument_specs:\n  main:\n    short_description: The web.\n    options: {port: {type: int}}\n");
  tree.write("roles/base/tasks/main.yaml", "- debug: msg=base\n");
  return tree;
}

TEST(RoleInAPlay, BringsDependenciesHandlersAndVariables) {
  Tree tree{
      {"site.yml",
       "- hosts: all\n  roles:\n    - role: web\n      tags: t\n      when: w\n      site: x\n      vars: {y: 1}\n  "
       "handlers:\n    - name: own\n      debug:\n"}};
  role_tree(tree);
  PlaybookLoader loader({});
  const Play play = loader.load(tree / "site.yml").plays.at(0);
  EXPECT_THAT(outline(play.roles),
              ElementsAre("role base", "  debug {\"msg\":\"base\"}", "role web",
                          testing::StartsWith(
                              "  validate_argument_spec 'Validating arguments against arg spec 'main' - The web.'"),
                          "  template {\"src\":\"a.j2\",\"dest\":\"/a\"}", "  import", "    ping"));
  EXPECT_THAT(outline(play.handlers),
              ElementsAre("service 'reload' {\"name\":\"web\",\"state\":\"reloaded\"}", "debug 'own'"));
  EXPECT_TRUE(task_at(play.handlers, 0).is_handler);
  EXPECT_THAT(texts(task_at(play.handlers, 0).listen), ElementsAre("topic"));
  const Block& web = block_at(play.roles, 1);
  EXPECT_EQ(Value(web.scope->role->defaults).json(), R"({"port":80})");
  EXPECT_EQ(Value(web.scope->role->vars).json(), R"({"one":1,"two":2})");
  EXPECT_EQ(Value(web.scope->params).json(), R"({"site":"x"})");
  EXPECT_EQ(Value(web.scope->settings.vars).json(), R"({"y":1})");
  EXPECT_TRUE(web.scope->role->allow_duplicates);
  const Task& base = task_at(block_at(play.roles, 0).block, 0);
  EXPECT_THAT(texts(conditions(*base.scope)), ElementsAre("w"));
  EXPECT_EQ(role_of(*base.scope)->name, "base");
  EXPECT_TRUE(role_of(*base.scope)->parents.empty());  // those who include it, and not those who depend on it
  EXPECT_EQ(Value(block_at(play.roles, 0).scope->params).json(), R"({"level":3})");
  ASSERT_EQ(play.static_roles.size(), 2u);
  EXPECT_EQ(play.static_roles[1]->dependencies.at(0)->name, "base");
}

TEST(RoleInAPlay, IsTheSameWithTheSameParametersOnly) {
  Tree tree{{"site.yml", "- hosts: all\n  roles: [{role: r, a: 1}, {role: r, a: 1}, {role: r, a: 2}, r]\n"},
            {"roles/r/tasks/main.yml", "- ping:\n"}};
  PlaybookLoader loader({});
  const Play play = loader.load(tree / "site.yml").plays.at(0);
  const auto identity = [&](std::size_t i) { return block_at(play.roles, i).scope->role->identity; };
  EXPECT_EQ(identity(0), identity(1));
  EXPECT_NE(identity(0), identity(2));
  EXPECT_NE(identity(0), identity(3));
}

TEST(RoleIncluded, ComesWithItsParts) {
  Tree tree{{"roles/r/tasks/install.yml", "- debug: msg=install\n"},
            {"roles/r/vars/debian.yml", "a: 1\n"},
            {"roles/r/handlers/main.yml", "- name: h\n  debug:\n"}};
  PlaybookLoader loader({});
  PlaybookLoader::RoleRequest request;
  request.name = "r";
  request.tasks_from = "install.yml";
  request.vars_from = "debian";
  request.playbook_directory = tree.root();
  request.apply = Map{{"tags", "x"}, {"become", true}};
  request.params = Map{{"p", 1}};
  const auto loaded = loader.role(request);
  EXPECT_THAT(outline(loaded.tasks), ElementsAre("role r", "  debug {\"msg\":\"install\"}"));
  EXPECT_EQ(loaded.handlers.size(), 1u);
  EXPECT_EQ(Value(loaded.role->vars).json(), R"({"a":1})");
  const Task& task = task_at(block_at(loaded.tasks, 0).block, 0);
  EXPECT_THAT(texts(tags(*task.scope)), ElementsAre("x"));
  EXPECT_TRUE(nearest(*task.scope, &Settings::become)->boolean());
}

TEST(RoleIncluded, ThatIsMissingIsAnError) {
  const Tree tree{};
  PlaybookLoader loader({});
  PlaybookLoader::RoleRequest request;
  request.name = "nothing";
  request.playbook_directory = tree.root();
  EXPECT_THROW(loader.role(request), Error);
}

TEST(IncludedTasks, InheritFromTheScopeAroundTheInclude) {
  const Tree tree{{"more.yml", "- debug: msg=1\n"}};
  const Play play = play_with(
      tree, "    - block:\n        - include_tasks: more.yml\n          when: not_inherited\n      when: inherited\n");
  const Task& include = task_at(block_at(play.tasks, 0).block, 0);
  EXPECT_EQ(include.free_text->string(), "more.yml");
  PlaybookLoader loader({});
  const Path file = loader.find_tasks("more.yml", *include.scope, tree.root());
  const Items items = loader.tasks({file, include.scope->parent, Map{{"p", 1}}, Map{}, false});
  EXPECT_THAT(outline(items), ElementsAre("debug {\"msg\":\"1\"}"));
  EXPECT_THAT(texts(conditions(*task_at(items, 0).scope)), ElementsAre("inherited"));
}

TEST(SearchPath, LeadsFromTheRoleToThePlaybook) {
  Tree tree{{"site.yml", "- hosts: all\n  roles: [web]\n"}};
  role_tree(tree);
  PlaybookLoader loader({});
  const Play play = loader.load(tree / "site.yml").plays.at(0);
  const Task& base = task_at(block_at(play.roles, 0).block, 0);
  const auto places = search_path(*base.scope, "files", tree.root());
  EXPECT_EQ(places.front(), tree / "roles/base/files");
  EXPECT_EQ(places.at(2), tree / "roles/web/files");
  EXPECT_EQ(places.back(), tree.root());
}

struct Mistake {
  const char* name;
  std::string text;
  Strings errors;
};

const Mistake mistakes[] = {
    {"NotAList",
     "hosts: all\n",
     {"site.yml:1:1: a playbook is a list of plays, not a mapping | start with '- hosts: all'"}},
    {"Empty", "", {"site.yml:1:1: a playbook is a list of plays, not nothing | start with '- hosts: all'"}},
    {"PlayKeyword",
     "- hosts: all\n  task: []\n",
     {"site.yml:2:3: a play has no keyword 'task' | did you mean 'tasks'?"}},
    {"WhenOnAPlay", "- hosts: all\n  when: x\n", {"site.yml:2:3: a play has no keyword 'when'"}},
    {"NoHosts",
     "- copy: {src: a}\n",
     {"site.yml:1:3: a play has no keyword 'copy'",
      "site.yml:1:3: a play needs 'hosts' | this looks like a task: tasks stand under 'tasks:' of a play"}},
    {"TaskKeyword",
     "- hosts: all\n  tasks:\n    - debug: {msg: x}\n      whne: y\n",
     {"site.yml:4:7: a task has no keyword 'whne' | did you mean 'when'?"}},
    {"Sudo",
     "- hosts: all\n  tasks:\n    - debug:\n      sudo: yes\n      sudo_user: x\n",
     {"site.yml:4:7: a task has no keyword 'sudo' | write 'become: yes'",
      "site.yml:5:7: a task has no keyword 'sudo_user' | write 'become_user: NAME'"}},
    {"TwoModules",
     "- hosts: all\n  tasks:\n    - debug:\n      ping:\n",
     {"site.yml:4:7: a task has one module, and this has 'debug' and 'ping' | make it two tasks"}},
    {"NoModule",
     "- hosts: all\n  tasks:\n    - name: x\n",
     {"site.yml:3:7: this task names no module | add one, such as 'debug: {msg: hello}'"}},
    {"ListenOnATask",
     "- hosts: all\n  tasks:\n    - debug:\n      listen: x\n",
     {"site.yml:4:7: a task has no keyword 'listen'"}},
    {"BlockKeyword",
     "- hosts: all\n  tasks:\n    - block: []\n      register: x\n",
     {"site.yml:4:7: a block has no keyword 'register'"}},
    {"RescueAlone",
     "- hosts: all\n  tasks:\n    - rescue: []\n",
     {"site.yml:3:7: 'rescue' and 'always' need a 'block'"}},
    {"LoopControl",
     "- hosts: all\n  tasks:\n    - debug:\n      loop: [1]\n      loop_control: {lop_var: x}\n",
     {"site.yml:5:22: 'loop_control' has no keyword 'lop_var' | did you mean 'loop_var'?"}},
    {"Boolean", "- hosts: all\n  become: maybe\n", {"site.yml:2:11: 'become' takes yes or no, not 'maybe'"}},
    {"Number",
     "- hosts: all\n  tasks:\n    - debug:\n      retries: often\n",
     {"site.yml:4:16: 'retries' takes a number, not 'often'"}},
    {"Register",
     "- hosts: all\n  tasks:\n    - debug:\n      register: a-b\n",
     {"site.yml:4:17: 'a-b' cannot be the name of a variable | a name is letters, digits and '_', and starts with no "
      "digit"}},
    {"WhenIsAMapping",
     "- hosts: all\n  tasks:\n    - debug:\n      when: {{ x }}\n",
     {"site.yml:4:13: a value that starts with '{{' must be quoted | write it as \"{{ ... }}\""}},
    {"LoopIsText",
     "- hosts: all\n  tasks:\n    - debug:\n      loop: names\n",
     {"site.yml:4:13: 'loop' takes a list | a variable needs braces: \"{{ names }}\""}},
    {"ImportLoop",
     "- hosts: all\n  tasks:\n    - import_tasks: x.yml\n      loop: [1]\n",
     {"site.yml:4:7: 'import_tasks' cannot be repeated in a loop | use 'include_tasks'"}},
    {"MissingImport",
     "- hosts: all\n  tasks:\n    - import_tasks: no.yml\n",
     {"site.yml:3:21: there is no file of tasks 'no.yml' | looked for 'no.yml', 'tasks/no.yml'"}},
    {"MissingRole", "- hosts: all\n  roles: [web]\n", {"site.yml:2:11: there is no role 'web' | looked in 'roles'"}},
    {"MissingPlaybook", "- import_playbook: no.yml\n", {"site.yml:1:20: cannot read 'no.yml': there is no such file"}},
    {"Circle", "- import_playbook: site.yml\n", {"site.yml:1:20: 'site.yml' imports itself"}},
    {"OpenBraces",
     "- hosts: all\n  tasks:\n    - copy: src={{ a dest=b\n",
     {"site.yml:3:17: this '{{' is never closed"}},
    {"TaskIsText",
     "- hosts: all\n  tasks:\n    - ping\n",
     {"site.yml:3:7: a task is a mapping, not text | write 'module: arguments', for example 'debug: {msg: hello}'"}},
    {"DuplicateKey",
     "- hosts: all\n  hosts: b\n",
     {"site.yml:2:3: warning: key 'hosts' is given twice, in line 1 and in line 2; the last one counts | remove one of "
      "them"}},
    {"ThreeAtOnce",
     "- hosts: all\n  bcome: yes\n  tasks:\n    - debug:\n      whn: x\n    - name: y\n",
     {"site.yml:2:3: a play has no keyword 'bcome' | did you mean 'become'?",
      "site.yml:5:7: a task has no keyword 'whn' | did you mean 'when'?",
      "site.yml:6:7: this task names no module | add one, such as 'debug: {msg: hello}'"}},
};

class PlaybookMistake : public testing::TestWithParam<Mistake> {};

TEST_P(PlaybookMistake, IsExplainedAtItsPlace) {
  const Tree tree{{"site.yml", GetParam().text}};
  PlaybookLoader loader(with_modules({"debug", "ping", "copy", "import_tasks"}));
  Problems problems;
  loader.load(tree / "site.yml", problems);
  problems.sort();
  EXPECT_THAT(tree.show(problems), testing::ElementsAreArray(GetParam().errors));
}

INSTANTIATE_TEST_SUITE_P(Of, PlaybookMistake, testing::ValuesIn(mistakes),
                         [](const auto& one) { return one.param.name; });

TEST(Role, ThatDependsOnItselfIsAnError) {
  const Tree tree{{"site.yml", "- hosts: all\n  roles: [a]\n"},
                  {"roles/a/meta/main.yml", "dependencies: [b]\n"},
                  {"roles/b/meta/main.yml", "dependencies: [a]\n"}};
  PlaybookLoader loader({});
  Problems problems;
  loader.load(tree / "site.yml", problems);
  EXPECT_THAT(tree.show(problems), ElementsAre("roles/b/meta/main.yml:1:16: role 'a' depends on itself"));
}

TEST(Loader, KeepsTheTextOfWhatItRead) {
  const Tree tree{{"site.yml", "- hosts: all\n"}};
  PlaybookLoader loader({});
  loader.load(tree / "site.yml");
  EXPECT_EQ(*loader.text_of((tree / "site.yml").string()), "- hosts: all\n");
}

}  // namespace
}  // namespace agent
