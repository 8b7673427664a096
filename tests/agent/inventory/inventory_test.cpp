#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/inventory/inventory.hpp>
#include <agent/inventory/show.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Path cases = AGENT_SOURCE_DIR "/tests/agent/inventory/cases";

std::string text_of(const Path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Inventory scripts are plain ones here: the test's own.
std::string run_script(const Strings& argv) {
  std::string command, output;
  for (const std::string& word : argv) command += "'" + word + "' ";
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> block;
  while (const std::size_t count = fread(block.data(), 1, block.size(), pipe)) output.append(block.data(), count);
  pclose(pipe);
  return output;
}

/// A file that is gone with the test.
class File {
 public:
  explicit File(const std::string& text, const std::string& name = "hosts") {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string folder =
        std::string("agent-inventory-") + test->test_suite_name() + "-" + test->name() + std::to_string(getpid());
    for (char& c : folder)
      if (c == '/') c = '_';
    folder_ = std::filesystem::temp_directory_path() / folder;
    std::filesystem::create_directories(folder_);
    path_ = folder_ / name;
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove_all(folder_); }
  const std::string path() const { return path_.string(); }

 private:
  Path folder_, path_;
};

Inventory inventory_of(const std::string& text, const std::string& name = "hosts") {
  const File file(text, name);
  return Inventory::load({file.path()}, {});
}

// ---- compared with ansible-inventory (record_expectations.py) ----------------------------------------------------

struct Case {
  const char* name;
  const char* source;
  const char* playbook;
};

class InventoryCase : public testing::TestWithParam<Case> {
 protected:
  Inventory load() const {
    Options options;
    options.run_script = run_script;
    const Path folder = cases / GetParam().name;
    if (*GetParam().playbook) options.playbook_directory = folder / GetParam().playbook;
    return Inventory::load({(folder / GetParam().source).string()}, options);
  }
  std::string recorded(const char* file) const { return text_of(cases / GetParam().name / file); }
};

std::string sorted_json(const Value& value) {
  return value.json(2, true);
}

TEST_P(InventoryCase, IsListedAsAnsibleListsIt) {
  EXPECT_EQ(sorted_json(list(load())), sorted_json(yaml::read(recorded("list.json"), "list.json").root));
}
TEST_P(InventoryCase, IsExportedAsAnsibleExportsIt) {
  const Value expected = yaml::read(recorded("export.json"), "export.json").root;
  Value found = list(load(), "", true);
  // With --export the reference shows a host's own variables only; ours are the same as without.
  for (const auto& [name, group] : expected.map()) {
    if (name == "_meta") continue;
    EXPECT_EQ(sorted_json(found[name]), sorted_json(group)) << name;
  }
}
TEST_P(InventoryCase, IsDrawnAsAnsibleDrawsIt) {
  EXPECT_EQ(graph(load()), recorded("graph.txt"));
}
TEST_P(InventoryCase, IsDrawnWithVariablesAsAnsibleDrawsIt) {
  std::string expected = recorded("graph_vars.txt");
  // The only difference: a Python tuple is a list here.
  for (std::size_t at = expected.find("(1, 2)"); at != expected.npos; at = expected.find("(1, 2)"))
    expected.replace(at, 6, "[1, 2]");
  EXPECT_EQ(graph(load(), "all", true), expected);
}

INSTANTIATE_TEST_SUITE_P(Of, InventoryCase,
                         testing::Values(Case{"ini", "hosts", ""}, Case{"yaml", "hosts.yml", ""},
                                         Case{"directory", "hosts.d", ""}, Case{"vars", "inventory/hosts", "playbook"},
                                         Case{"script", "hosts.sh", ""}),
                         [](const auto& one) { return one.param.name; });

TEST(HostPattern, NamesTheHostsThatAnsibleFinds) {
  const Inventory inventory = Inventory::load({(cases / "ini/hosts").string()}, {});
  std::istringstream table(text_of(cases / "patterns.tsv"));
  int count = 0;
  for (std::string line; std::getline(table, line); ++count) {
    const std::size_t tab = line.find('\t');
    std::string found;
    for (const std::string& host : inventory.match(line.substr(0, tab))) found += (found.empty() ? "" : " ") + host;
    EXPECT_EQ(found, line.substr(tab + 1)) << line.substr(0, tab);
  }
  EXPECT_GT(count, 30);
}

TEST(HostPattern, IsNarrowedByALimit) {
  const Inventory inventory = Inventory::load({(cases / "ini/hosts").string()}, {});
  EXPECT_THAT(inventory.match("web", "web02,db"), ElementsAre("web02"));
  EXPECT_THAT(inventory.match("all", "web:&prio"), ElementsAre("web01"));
  const File file("web01\n# not this\nweb02, db0\n", "limit.txt");
  EXPECT_THAT(inventory.match("web", "@" + file.path()), ElementsAre("web01", "web02"));
}

TEST(HostPattern, KnowsThisMachineWithoutAnInventory) {
  const Inventory inventory = inventory_of("web1\n");
  EXPECT_THAT(inventory.match("localhost"), ElementsAre("localhost"));
  EXPECT_THAT(inventory.match("all"), ElementsAre("web1"));
  EXPECT_EQ(inventory.variables("localhost").find("ansible_connection")->string(), "local");
}

TEST(HostPattern, TellsWhatNamesNothing) {
  EXPECT_THAT(inventory_of("web1\n").unmatched("web1:nothing:no*"), ElementsAre("nothing", "no*"));
}

TEST(HostPattern, ThatIsNoExpressionIsRefused) {
  const Inventory inventory = inventory_of("web1\n");
  EXPECT_THROW(inventory.match("~[a"), Error);
  EXPECT_THROW(inventory.match("all[7]"), Error);
}

// ---- layers ---------------------------------------------------------------------------------------------------------

TEST(InventoryLayers, AreOrderedAndNamed) {
  Options options;
  options.playbook_directory = cases / "vars/playbook";
  const Inventory inventory = Inventory::load({(cases / "vars/inventory/hosts").string()}, options);
  Strings origins;
  for (const Layer& layer : inventory.layers("w2")) {
    const std::size_t at = layer.origin.find("/cases/vars/");
    origins.push_back(at == std::string::npos ? layer.origin : layer.origin.substr(at + 12));
  }
  EXPECT_THAT(origins,
              ElementsAre("group 'all' of the inventory", "inventory/group_vars/all.yml", "playbook/group_vars/all.yml",
                          "inventory/group_vars/web/10-a.yml", "inventory/group_vars/web/20-b.yaml",
                          "playbook/group_vars/web.yml", "inventory/host_vars/w2", "playbook/host_vars/w2.yml"));
}

TEST(InventoryLayers, KeepPlacesAndTemplates) {
  const Inventory inventory = inventory_of("[web]\nw1 a={{b}} c=1\n");
  const Map variables = inventory.variables("w1");
  EXPECT_TRUE(variables.find("a")->is_template());
  EXPECT_EQ(variables.find("c")->where().line, 2);
  EXPECT_EQ(variables.find("c")->where().column, 12);
}

TEST(InventoryGroups, OfAHostAreSortedAndWithoutAll) {
  const Inventory inventory = Inventory::load({(cases / "ini/hosts").string()}, {});
  EXPECT_THAT(inventory.groups_of("web01"), ElementsAre("aaa", "prio", "site", "top", "web"));
  EXPECT_THAT(inventory.groups_of("other"), ElementsAre("ungrouped"));
}

TEST(InventoryInARun, TakesNewHostsAndGroups) {
  Inventory inventory = inventory_of("a\n[web]\nb\n");
  inventory.add_host("c:2222", {"web", "new"}, Map{{"x", 1}});
  inventory.add_group("os_debian", {"os"}, {"a", "b"});
  EXPECT_THAT(inventory.match("web"), ElementsAre("b", "c"));
  EXPECT_THAT(inventory.match("os"), ElementsAre("a", "b"));
  EXPECT_EQ(Value(inventory.variables("c")).json(), R"({"ansible_port":2222,"x":1})");
  EXPECT_THAT(inventory.groups_of("a"), ElementsAre("os", "os_debian"));
  EXPECT_THROW(inventory.add_host("-oProxyCommand=x", {}, {}), Error);
}

TEST(InventoryOfThisMachine, HasOneHost) {
  const Inventory inventory = Inventory::local();
  EXPECT_THAT(inventory.match("all"), ElementsAre("localhost"));
  EXPECT_EQ(Value(inventory.variables("localhost")).json(), R"({"ansible_connection":"local"})");
}

TEST(InventorySources, MayBeNamesAndAddUp) {
  const File file("[web]\na\n");
  const Inventory inventory = Inventory::load({"x,y:22,", file.path()}, {});
  EXPECT_THAT(inventory.match("all"), ElementsAre("x", "y", "a"));
  EXPECT_EQ(inventory.source_of("a"), file.path());
}

TEST(InventorySources, ThatAreMissingAreAWarning) {
  const Inventory inventory = Inventory::load({"/no/such/inventory"}, {});
  ASSERT_EQ(inventory.warnings().size(), 1u);
  EXPECT_EQ(inventory.warnings()[0].message(), "there is no inventory '/no/such/inventory'");
  EXPECT_THAT(inventory.match("all"), IsEmpty());
}

TEST(InventoryScripts, AreRefusedWhereNobodyRunsThem) {
  EXPECT_THROW(Inventory::load({(cases / "script/hosts.sh").string()}, {}), Error);
}

TEST(InventoryFormat, IsFoundWithoutAnExtension) {
  EXPECT_THAT(inventory_of("all:\n  hosts:\n    y1:\n").match("all"), ElementsAre("y1"));
  EXPECT_THAT(inventory_of("{\"all\": {\"hosts\": {\"j1\": {}}}}").match("all"), ElementsAre("j1"));
  EXPECT_THAT(inventory_of("# c\ni1 a=1\n").match("all"), ElementsAre("i1"));
}

// ---- mistakes -------------------------------------------------------------------------------------------------------

struct Mistake {
  const char* name;
  const char* file;
  std::string text;
  std::string error;
};

const Mistake mistakes[] = {
    {"Section", "hosts", "[web\nx\n", "hosts:1:1: this header of a group has no ']' at its end | write '[group]'"},
    {"SectionKind", "hosts", "[web:childs]\nx\n",
     "hosts:1:2: '[web:childs]' is no kind of section | it is '[group]', '[group:children]' or '[group:vars]'"},
    {"UndefinedChild", "hosts", "[web]\na\n[site:children]\nwbe\n",
     "hosts:4:1: '[site:children]' names the group 'wbe', which is not defined | did you mean 'web'?"},
    {"UndefinedVars", "hosts", "[web:vars]\na=1\n",
     "hosts:1:2: '[web:vars]' speaks of a group that is not defined | add a section '[web]'"},
    {"Circle", "hosts", "[a:children]\nb\n[b:children]\na\n", "hosts:4:1: group 'a' cannot be in 'b', which is in it"},
    {"HostWord", "hosts", "web1 web2\n",
     "hosts:1:6: expected 'name=value' after the host, and found 'web2' | one host a line; a value with blanks needs "
     "quotes"},
    {"VarsWord", "hosts", "[web]\na\n[web:vars]\nabc\n", "hosts:4:1: expected 'name=value', and found 'abc'"},
    {"OpenQuote", "hosts", "web1 a=\"b\n", "hosts:1:8: this quote is never closed"},
    {"Range", "hosts", "web[3:1]\n",
     "hosts:1:1: 'web[3:1]' is no range of hosts: it ends before it begins | write node[01:16] or rack[a:f]"},
    {"RangeLength", "hosts", "web[01:100]\n",
     "hosts:1:1: 'web[01:100]' is no range of hosts: both numbers need the same length | write node[01:16] or "
     "rack[a:f]"},
    {"RangeSize", "hosts", "web[0:999999999]\n",
     "hosts:1:1: 'web[0:999999999]' is no range of hosts: it names more than 100000 hosts | write node[01:16] or "
     "rack[a:f]"},
    {"RangeProduct", "hosts", "w[0:9999][0:9999]\n", ""},
    {"Option", "hosts", "-oProxyCommand=x\n",
     "hosts:1:1: '-oProxyCommand=x' cannot be the name of a host: it starts with '-'"},
    {"ShellSign", "hosts", "a$(id)\n", "hosts:1:1: 'a$(id)' cannot be the name of a host: it has '$' in it"},
    {"Port", "hosts", "web:99999\n", "hosts:1:1: '99999' is no port | write 'host:2222'"},
    {"Priority", "hosts", "[web]\na\n[web:vars]\nansible_group_priority=high\n",
     "hosts:4:24: 'ansible_group_priority' is a whole number, not \"high\""},
    {"NotUtf8", "hosts", "web\xE9\n", "hosts:1:4: byte 0xE9 is not UTF-8 | save the file as UTF-8"},
    {"YamlList", "h.yml", "- a\n",
     "h.yml:1:1: a YAML inventory is a mapping of groups, not a list | start with 'all:'"},
    {"YamlHosts", "h.yml", "web:\n  hosts:\n    - a\n",
     "h.yml:3:5: 'hosts' is a mapping, not a list | end each name with ':' instead of putting '-' before it"},
    {"YamlHost", "h.yml", "web:\n  hosts:\n    a: 1\n",
     "h.yml:3:8: the variables of host 'a' are a mapping, not a whole number"},
    {"YamlGroup", "h.yml", "web: 3\n",
     "h.yml:1:6: group 'web' is a mapping with 'hosts', 'vars' or 'children', not a whole number"},
    {"YamlName", "h.yml", "web:\n  hosts:\n    'a b': \n",
     "h.yml:3:6: 'a b' cannot be the name of a host: it has a blank in it"},
    {"YamlCircle", "h.yml", "a:\n  children:\n    b:\n      children:\n        a:\n",
     "h.yml:3:5: group 'b' cannot be in 'a', which is in it"},
    {"Plugin", "h.yml", "plugin: aws\n",
     "h.yml:1:1: inventory plugins are not supported | an executable script can print the inventory as JSON"},
    {"Toml", "h.toml", "a = 1\n", ": '/h.toml' is TOML, which is not supported | write the inventory as INI or YAML"},
};

class InventoryMistake : public testing::TestWithParam<Mistake> {};

TEST_P(InventoryMistake, IsExplainedAtItsPlace) {
  const File file(GetParam().text, GetParam().file);
  const std::string folder = Path(file.path()).parent_path().string();
  std::string shown = "no error";
  try {
    Inventory::load({file.path()}, {});
  } catch (const Error& error) {
    shown = error.where().text() + ": " + error.message();
    for (const std::string& hint : error.hints()) shown += " | " + hint;
    for (std::size_t at = shown.find(folder); at != shown.npos; at = shown.find(folder))
      shown.erase(at, folder.size() + (at == 0 ? 1 : 0));
  }
  if (GetParam().error.empty())
    EXPECT_THAT(shown, HasSubstr("names more than 100000 hosts"));
  else
    EXPECT_EQ(shown, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Of, InventoryMistake, testing::ValuesIn(mistakes),
                         [](const auto& one) { return one.param.name; });

TEST(YamlInventory, WarnsOfKeysItHasNoUseFor) {
  const Inventory inventory = inventory_of("web:\n  host: {a: }\n", "h.yml");
  ASSERT_EQ(inventory.warnings().size(), 1u);
  EXPECT_EQ(inventory.warnings()[0].message(), "group 'web' has no use for 'host'");
  EXPECT_THAT(inventory.warnings()[0].hints(), ElementsAre("did you mean 'hosts'?"));
}

// ---- the samples ----------------------------------------------------------------------------------------------------

TEST(SampleInventory, CanBeRead) {
  Options options;
  options.run_script = run_script;
  const Path samples = AGENT_SOURCE_DIR "/inventory";
  for (const char* name : {"localhost.yml", "lab.yml", "large.ini", "from_script.sh"}) {
    const Inventory inventory = Inventory::load({(samples / name).string()}, options);
    EXPECT_FALSE(inventory.match("all").empty()) << name;
    EXPECT_THAT(inventory.warnings(), IsEmpty()) << name;
  }
  const Inventory lab = Inventory::load({(samples / "lab.yml").string()}, options);
  EXPECT_EQ(lab.variables("lab-gpu-01").find("torch_cuda")->string(), "required");
  EXPECT_EQ(lab.variables("lab-gpu-01").find("jupyter_users")->list().size(), 2u);
}

TEST(LargeInventory, KeepsAllItsHosts) {
  std::string text;
  for (int group = 0; group < 100; ++group) {
    text += "[group_" + std::to_string(group) + "]\n";
    for (int host = 0; host < 100; ++host)
      text += "host-" + std::to_string(group * 100 + host) +
              ".example.org ansible_host=10.0.0.1 rack=" + std::to_string(group) + "\n";
    text += "[group_" + std::to_string(group) + ":vars]\nsize=" + std::to_string(group) + "\n";
  }
  const Inventory inventory = inventory_of(text);
  EXPECT_EQ(inventory.match("all").size(), 10000u);
  EXPECT_EQ(inventory.variables("host-4242.example.org").find("size")->integer(), 42);
}

}  // namespace
}  // namespace agent::inventory
