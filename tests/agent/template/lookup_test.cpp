#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace agent::jinja {

using testing::ElementsAre;
using testing::HasSubstr;

/// The lookups on this machine, in a directory of files.
class LookupsOnThisMachine : public TemplateTest {
 public:
  LookupsOnThisMachine() {
    std::string name = testing::TempDir() + "lookupXXXXXX";
    directory = mkdtemp(name.data());
    put("files/hello.txt", "  hello\n\n");
    put("a.conf", "a");
    put("b.conf", "b");
    put("table.csv", "name,age,town\nbob,30,\"Rome, IT\"\nalice,25,Oslo\n");
    put("conf.ini", "[main]\nport = 80\nname: x\n[other]\nport=81\n");
    put("tree/sub/deep.txt", "deep");
    setenv("LOOKUP_TEST", "from the environment", 1);
  }
  ~LookupsOnThisMachine() override { std::filesystem::remove_all(directory); }

  void put(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = directory / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string shown(const std::string& expression) const {
    const Value value = render("{{ " + expression + " }}",
                               {{"ansible_search_path", List{directory.string()}}, {"here", directory.string()}});
    std::string text = value.json();
    for (std::size_t at; (at = text.find(directory.string())) != text.npos;)
      text.replace(at, directory.string().size(), "HERE");
    return text;
  }

  std::filesystem::path directory;
};

TEST_F(LookupsOnThisMachine, ReadFiles) {
  EXPECT_EQ(shown("lookup('file', 'hello.txt')"), R"("  hello")");
  EXPECT_EQ(shown("lookup('file', 'hello.txt', rstrip=false)"), R"("  hello\n\n")");
  EXPECT_EQ(shown("lookup('file', 'hello.txt', lstrip=true)"), R"("hello")");
  EXPECT_EQ(shown("lookup('file', here ~ '/a.conf')"), R"("a")");
  EXPECT_THAT(failure("{{ lookup('file', 'nope.txt') }}"), HasSubstr("there is no file 'nope.txt'"));
}

TEST_F(LookupsOnThisMachine, FindFiles) {
  EXPECT_EQ(shown("query('fileglob', '*.conf')"), R"(["HERE/a.conf","HERE/b.conf"])");
  EXPECT_EQ(shown("(here ~ '/*.conf') | fileglob | length > 0"), "true");
  EXPECT_EQ(shown("lookup('first_found', ['nope', 'b.conf', 'a.conf'])"), R"("HERE/b.conf")");
  EXPECT_EQ(shown("lookup('first_found', {'files': ['x.conf', 'a.conf'], 'paths': [here]})"), R"("HERE/a.conf")");
  EXPECT_EQ(shown("query('first_found', ['nope'], skip=true)"), "[]");
  EXPECT_EQ(shown("query('filetree', 'tree') | map(attribute='path') | list"), R"(["sub","sub/deep.txt"])");
}

TEST_F(LookupsOnThisMachine, RunCommands) {
  EXPECT_EQ(shown("lookup('pipe', 'echo a; echo b')"), R"("a\nb")");
  EXPECT_EQ(shown("query('lines', 'printf \"1\\n2\\n\"')"), R"(["1","2"])");
  EXPECT_THAT(failure("{{ lookup('pipe', 'exit 3') }}"), HasSubstr("'exit 3' failed with exit code 3"));
}

TEST_F(LookupsOnThisMachine, ReadTheEnvironment) {
  EXPECT_EQ(shown("lookup('env', 'LOOKUP_TEST')"), R"("from the environment")");
  EXPECT_EQ(shown("lookup('env', 'LOOKUP_TEST_NOT')"), R"("")");
}

TEST_F(LookupsOnThisMachine, ReadTables) {
  EXPECT_EQ(shown("lookup('csvfile', 'bob', file=here ~ '/table.csv', delimiter=',', col=2)"), R"("Rome, IT")");
  EXPECT_EQ(shown("lookup('csvfile', 'alice file=' ~ here ~ '/table.csv delimiter=, col=1')"), R"("25")");
  EXPECT_EQ(shown("lookup('ini', 'port', section='other', file=here ~ '/conf.ini')"), R"("81")");
  EXPECT_EQ(shown("lookup('ini', 'name section=main file=' ~ here ~ '/conf.ini')"), R"("x")");
  EXPECT_EQ(shown("lookup('ini', 'nope', section='main', file=here ~ '/conf.ini', default='d')"), R"("d")");
}

TEST_F(LookupsOnThisMachine, MakeAPasswordOnce) {
  const std::string first = shown("lookup('password', here ~ '/pw length=12 chars=digits')");
  EXPECT_EQ(first.size(), 14u);
  EXPECT_EQ(shown("lookup('password', here ~ '/pw length=12 chars=digits')"), first);
  EXPECT_EQ(std::filesystem::status(directory / "pw").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LookupsOnThisMachine, AreNeverRendered) {
  put("evil.txt", "{{ 7 * 7 }}");
  EXPECT_EQ(shown("lookup('file', 'evil.txt')"), R"("{{ 7 * 7 }}")");
  EXPECT_EQ(shown("lookup('pipe', 'echo \"{{ 1 }}\"')"), R"("{{ 1 }}")");
}

TEST_F(LookupsOnThisMachine, RenderTemplates) {
  services.templates["t.j2"] = "{% if true %}\nx={{ x }}{{ y }}\n{% endif %}\n";
  EXPECT_EQ(render("{{ lookup('template', 't.j2', template_vars={'y': 2}) }}", {{"x", 1}}), Value("x=12\n"));
}

TEST_F(LookupsOnThisMachine, GiveLoopsTheirItems) {
  const MapScope scope(Map{{"l", List{1, List{2, 3}}}});
  EXPECT_THAT(engine.loop_items("items", written("{{ l }}"), scope), ElementsAre(Value(1), Value(2), Value(3)));
  EXPECT_THAT(engine.loop_items("dict", Map{{"a", 1}}, scope), ElementsAre(Value(Map{{"key", "a"}, {"value", 1}})));
  EXPECT_THAT(engine.loop_items("sequence", written("1-2"), scope), ElementsAre(Value("1"), Value("2")));
  EXPECT_THROW(engine.loop_items("nosuch", Value(1), scope), Error);
}

TEST_F(LookupsOnThisMachine, OfVariablesRenderThem) {
  const Map variables{{"a_1", written("{{ b }}")}, {"a_2", 2}, {"b", "B"}};
  EXPECT_EQ(render("{{ lookup('vars', 'a_1') }}", variables), Value("B"));
  EXPECT_EQ(render("{{ query('varnames', '^a_') }}", variables), Value(List{"a_1", "a_2"}));
  EXPECT_EQ(render("{{ lookup('vars', 'zz', default='d') }}", variables), Value("d"));
}

}  // namespace agent::jinja
