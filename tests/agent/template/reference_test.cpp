// The engine held to what Jinja2 and ansible-core answered. The cases are recorded by
// tests/differential/template/record.py.
#include <fstream>
#include <sstream>

#include <agent/sdk/codec.hpp>

#include "fixture.hpp"

namespace agent::jinja {

using ReferenceAnswers = TemplateTest;

struct Recorded {
  Map data;
  List cases;
};

Recorded recorded() {
  std::ifstream file(AGENT_SOURCE_DIR "/tests/agent/template/reference.jsonl");
  Recorded all;
  for (std::string line; std::getline(file, line);) {
    const Value value = parse_json(line);
    if (const Value* data = value.find("data"); data && !value.find("template"))
      all.data = data->map();
    else
      all.cases.push_back(value);
  }
  return all;
}

TEST_F(ReferenceAnswers, AreOurs) {
  const Recorded all = recorded();
  ASSERT_GT(all.cases.size(), 700u);
  for (const Value& one : all.cases) {
    const std::string& text = one["template"].string();
    services.templates.clear();
    if (const Value* files = one.find("files"))
      for (const auto& [name, content] : files->map()) services.templates[name] = content.string();
    std::optional<Value> found;
    std::string error;
    try {
      found = one["kind"] == Value("file") ? Value(file(text, all.data)) : test(text, all.data).value;
    } catch (const Error& problem) {
      error = described(problem);
    }
    if (const Value* expected = one.find("value"))
      EXPECT_TRUE(found && found->json() == expected->json())
          << text << "\nexpected " << expected->json() << "\nfound    " << (found ? found->json() : error);
    else
      EXPECT_FALSE(found) << text << "\nexpected " << one["error"].json() << "\nfound    "
                          << (found ? found->json() : "");
  }
}

/// Everything that playbooks use by name, by the contract (ansible-syntax.md, section 12).
struct Named {
  const char* kind;
  const char* names;
};
class EveryName : public TemplateTest, public testing::WithParamInterface<Named> {};

TEST_P(EveryName, IsKnown) {
  std::istringstream words(GetParam().names);
  const std::string kind = GetParam().kind;
  for (std::string word; words >> word;) {
    const std::string text = kind == "filter" ? "'" + word + "' is filter" : "'" + word + "' is test";
    EXPECT_TRUE(test(text).is_yes()) << kind << " " << word;
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfTheContract, EveryName,
    testing::Values(Named{"filter",
                          "default d lower length count bool join string first indent int regex_replace map "
                          "to_nice_yaml list replace to_json combine comment selectattr "
                          "ipaddr ternary from_json sort trim random dict2items ipwrap urlsplit select flatten unique "
                          "dirname quote type_debug float basename upper to_yaml "
                          "b64decode difference reject from_yaml intersect b64encode last password_hash to_nice_json "
                          "split regex_search items2dict rejectattr json_query "
                          "splitext product union dictsort zip zip_longest checksum hash mandatory format round "
                          "reverse version_sort subelements shuffle regex_findall "
                          "regex_escape min max sum symmetric_difference urlencode to_datetime strftime human_readable "
                          "human_to_bytes realpath relpath expanduser groupby "
                          "batch slice abs title capitalize extract fileglob to_uuid root pow log ansible.builtin.bool "
                          "community.general.json_query ansible.utils.ipaddr"},
                    Named{"test",
                          "defined succeeded success version string mapping number search undefined skipped iterable "
                          "failed match none sameas changed in false any sequence "
                          "true contains regex truthy subset superset boolean integer float divisibleby exists file "
                          "directory link abs started finished reachable"}));

struct Answered {
  const char *expression, *answer;
};
class OwnAnswers : public TemplateTest, public testing::WithParamInterface<Answered> {};

TEST_P(OwnAnswers, AreAsPublished) {
  EXPECT_EQ(render("{{ " + std::string(GetParam().expression) + " }}").json(), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(
    Network, OwnAnswers,
    testing::Values(
        Answered{"'192.168.1.5/24' | ipaddr", R"("192.168.1.5/24")"}, Answered{"'nonsense' | ipaddr", "false"},
        Answered{"'300.1.1.1' | ipaddr", "false"}, Answered{"'192.168.1.5/24' | ipaddr('address')", R"("192.168.1.5")"},
        Answered{"'192.168.1.5/24' | ipaddr('network')", R"("192.168.1.0")"},
        Answered{"'192.168.1.5/24' | ipaddr('netmask')", R"("255.255.255.0")"},
        Answered{"'192.168.1.5/24' | ipaddr('prefix')", "24"},
        Answered{"'192.168.1.5/24' | ipaddr('broadcast')", R"("192.168.1.255")"},
        Answered{"'192.168.1.5/24' | ipaddr('subnet')", R"("192.168.1.0/24")"},
        Answered{"'192.168.1.0/24' | ipaddr('net')", R"("192.168.1.0/24")"},
        Answered{"'192.168.1.5/24' | ipaddr('hostmask')", R"("0.0.0.255")"},
        Answered{"'192.168.1.0/24' | ipaddr('size')", "256"},
        Answered{"'192.168.1.0/24' | ipaddr(5)", R"("192.168.1.5/24")"},
        Answered{"'192.168.1.0/24' | ipaddr('-2')", R"("192.168.1.254/24")"},
        Answered{"'192.168.1.5' | ipaddr('192.168.0.0/16')", R"("192.168.1.5")"},
        Answered{"'10.1.1.1' | ipaddr('192.168.0.0/16')", "false"},
        Answered{"'10.1.1.1' | ipaddr('private')", R"("10.1.1.1")"}, Answered{"'8.8.8.8' | ipaddr('private')", "false"},
        Answered{"'8.8.8.8' | ipaddr('public')", R"("8.8.8.8")"}, Answered{"'10.0.0.1' | ipaddr('int')", "167772161"},
        Answered{"'10.0.0.1' | ipaddr('revdns')", R"("1.0.0.10.in-addr.arpa.")"},
        Answered{"['10.0.0.1', 'x', '::1'] | ipaddr", R"(["10.0.0.1","::1"])"},
        Answered{"['10.0.0.1', '::1'] | ipv6", R"(["::1"])"}, Answered{"['10.0.0.1', '::1'] | ipv4", R"(["10.0.0.1"])"},
        Answered{"'::1' | ipwrap", R"("[::1]")"}, Answered{"'10.0.0.1' | ipwrap", R"("10.0.0.1")"},
        Answered{"'host' | ipwrap", R"("host")"}, Answered{"'192.168.0.0/16' | ipsubnet(24)", "256"},
        Answered{"'192.168.0.0/16' | ipsubnet(24, 1)", R"("192.168.1.0/24")"},
        Answered{"'192.168.0.0/16' | ipsubnet(24, -1)", R"("192.168.255.0/24")"},
        Answered{"['10.0.0.0/25', '10.0.0.128/25'] | cidr_merge", R"(["10.0.0.0/24"])"},
        Answered{"'10.0.0.0/8' | nthhost(305)", R"("10.0.1.49")"},
        Answered{"'10.0.0.0/8' | network_in_network('10.1.0.0/16')", "true"},
        Answered{"'10.0.0.1' | ipmath(5)", R"("10.0.0.6")"},
        Answered{"'1a:2b:3c:4d:5e:6f' | hwaddr('cisco')", R"("1a2b.3c4d.5e6f")"}));

INSTANTIATE_TEST_SUITE_P(
    Queries, OwnAnswers,
    testing::Values(Answered{"{'a': {'b': 1}} | json_query('a.b')", "1"},
                    Answered{"[{'n': 1}, {'n': 2}] | json_query('[].n')", "[1,2]"},
                    Answered{"[{'n': 1}, {'n': 2}] | json_query('[?n > `1`].n | [0]')", "2"},
                    Answered{"{'a': 1, 'b': 2} | json_query('*')", "[1,2]"},
                    Answered{"{'a': [1, [2, 3]]} | json_query('a[]')", "[1,2,3]"},
                    Answered{"[1, 2, 3] | json_query('[-1]')", "3"},
                    Answered{"[1, 2, 3] | json_query('[::2]')", "[1,3]"},
                    Answered{"{'a': 1} | json_query('{x: a, y: b}')", R"({"x":1,"y":null})"},
                    Answered{"[{'n': 2}, {'n': 1}] | json_query('sort_by(@, &n)[].n')", "[1,2]"},
                    Answered{"['a', 'b'] | json_query('join(`,`, @)')", R"("a,b")"},
                    Answered{"{'a': {'b c': 1}} | json_query('a.\"b c\"')", "1"},
                    Answered{"[1, 2] | json_query('length(@)')", "2"},
                    Answered{"[{'k': 'x'}] | json_query(\"[?k == 'x'] | [0].k\")", R"("x")"},
                    Answered{"{} | json_query('a.b.c')", "null"},
                    Answered{"[{'t': ['a']}, {'t': []}] | json_query(\"[?contains(t, 'a')] | length(@)\")", "1"},
                    Answered{"['1.10', '1.9', '1.2'] | version_sort", R"(["1.2","1.9","1.10"])"}));

INSTANTIATE_TEST_SUITE_P(
    Passwords, OwnAnswers,
    testing::Values(
        Answered{
            "'Hello world!' | password_hash('sha512', 'saltstring', rounds=5000)",
            R"("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1")"},
        Answered{"'Hello world!' | password_hash('sha256', 'saltstring', rounds=5000)",
                 R"("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5")"},
        Answered{"'x' | password_hash('sha512') | length > 90", "true"},
        Answered{"('x' | password_hash('blowfish', rounds=4)).startswith('$2b$04$')", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Lookups, OwnAnswers,
    testing::Values(
        Answered{"lookup('items', [1, [2]])", "[1,[2]]"}, Answered{"query('items', [1], 2)", "[1,2]"},
        Answered{"q('list', [1], 2)", "[[1],2]"}, Answered{"lookup('dict', {'a': 1})", R"({"key":"a","value":1})"},
        Answered{"query('nested', ['a', 'b'], [1, 2])", R"([["a",1],["a",2],["b",1],["b",2]])"},
        Answered{"query('together', ['a', 'b'], [1])", R"([["a",1],["b",null]])"},
        Answered{"query('indexed_items', ['a', 'b'])", R"([[0,"a"],[1,"b"]])"},
        Answered{"query('flattened', [1, [2, [3]]])", "[1,2,3]"},
        Answered{"query('sequence', 'start=1 end=3')", R"(["1","2","3"])"},
        Answered{"query('sequence', '2-8/3')", R"(["2","5","8"])"},
        Answered{"query('sequence', 'count=2 format=host%02d')", R"(["host01","host02"])"},
        Answered{"query('sequence', start=5, end=3, stride=-1)", R"(["5","4","3"])"},
        Answered{"query('sequence', start=5, count=2, stride=-1)", R"(["5","4","3","2"])"},
        Answered{"query('sequence', start=5, count=2, stride=0)", "[]"},
        Answered{"query('sequence', 'start=9223372036854775806 end=9223372036854775807')",
                 R"(["9223372036854775806","9223372036854775807"])"},
        Answered{"query('subelements', [{'n': 1, 'l': ['x']}], 'l')", R"([[{"n":1},"x"]])"},
        Answered{"lookup('random_choice', ['a'], 'a') is defined", "true"},
        Answered{"lookup('file', '/nonexistent', errors='ignore')", "null"},
        Answered{"query('file', '/nonexistent', errors='warn')", "[]"},
        Answered{"lookup('sequence', '1-3')", R"("1,2,3")"}, Answered{"lookup('list', 1, wantlist=true)", "[1]"},
        Answered{"lookup('env', 'NO_SUCH_VARIABLE', default='d')", R"("d")"},
        Answered{"lookup('config', 'DEFAULT_FORKS')", "5"},
        Answered{"lookup('ansible.builtin.sequence', '1-1')", R"("1")"},
        Answered{"now(utc=true, fmt='%Y-%m-%d')", R"("1970-01-02")"}, Answered{"now(utc=true).year", "1970"}));

}  // namespace agent::jinja
