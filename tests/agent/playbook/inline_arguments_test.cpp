#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/playbook/inline_arguments.hpp>
#include <agent/playbook/module_names.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

struct Case {
  const char* name;
  const char* module;
  const char* text;
  const char* options;
  const char* rest;  ///< null: none
};

// Recorded with ansible-core 2.17 (parse_kv), which refuses an open quote in a command line; a shell may not.
const Case cases[] = {
    {"Plain", "copy", "src=a dest=b", R"({"src":"a","dest":"b"})", nullptr},
    {"DoubleQuotes", "copy", "src=\"a b\" dest=c", R"({"src":"a b","dest":"c"})", nullptr},
    {"SingleQuotes", "copy", "src='a \"b\"' dest=c", R"({"src":"a \"b\"","dest":"c"})", nullptr},
    {"Template", "copy", "src={{ a b }} dest={{c|d('x y')}}/e", R"({"src":"{{ a b }}","dest":"{{c|d('x y')}}/e"})",
     nullptr},
    {"QuotedTemplate", "copy", "dest=\"{{ a }}/b c\"", R"({"dest":"{{ a }}/b c"})", nullptr},
    {"EqualsInValue", "lineinfile", "line=a=b path=/x", R"({"line":"a=b","path":"/x"})", nullptr},
    {"Escapes", "lineinfile", R"(line="a\tb\\n" path=/x)", R"({"line":"a\tb\\n","path":"/x"})", nullptr},
    {"Empty", "copy", "content= dest=/x", R"({"content":"","dest":"/x"})", nullptr},
    {"Lines", "copy", "src=a\n  dest=b\n", R"({"src":"a","dest":"b"})", nullptr},
    {"CommandLine", "command", "ls  -l a=b", "{}", "ls  -l a=b"},
    {"CommandOptions", "shell", "creates=/x chdir=/y echo \"a  b\" > c", R"({"creates":"/x","chdir":"/y"})",
     "echo \"a  b\" > c"},
    {"CommandOptionsAtTheEnd", "command", "make all chdir=/src", R"({"chdir":"/src"})", "make all"},
    {"CommandOpenQuote", "shell", "echo it's", "{}", "echo it's"},
    {"CommandTemplate", "command", "run {{ a }} --x='{{ b c }}'", "{}", "run {{ a }} --x='{{ b c }}'"},
    {"CommandLines", "shell", "a\nb\n", "{}", "a\nb\n"},
    {"Words", "include_tasks", "a.yml x=1", R"({"x":"1"})", "a.yml"},
    {"Meta", "meta", "flush_handlers", "{}", "flush_handlers"},
};

class InlineArgumentsOf : public testing::TestWithParam<Case> {};

TEST_P(InlineArgumentsOf, AreTakenApart) {
  const Case& c = GetParam();
  const InlineArguments found = parse_inline(Value::template_text(c.text), c.module);
  EXPECT_EQ(Value(found.options).json(), c.options);
  EXPECT_EQ(found.rest ? found.rest->string() : "none", c.rest ? c.rest : "none");
}

INSTANTIATE_TEST_SUITE_P(A, InlineArgumentsOf, testing::ValuesIn(cases),
                         [](const auto& one) { return one.param.name; });

TEST(InlineArguments, KeepTheMarkOfATemplate) {
  EXPECT_TRUE(parse_inline(Value::template_text("a={{ b }}"), "copy").options.find("a")->is_template());
  EXPECT_FALSE(parse_inline(Value("a={{ b }}"), "copy").options.find("a")->is_template());
}

TEST(InlineArguments, KnowWhereEachStands) {
  const Where start{std::make_shared<const std::string>("x.yml"), 1, 9};
  const auto found = parse_inline(Value::template_text("src=a  dest=b", start), "copy");
  EXPECT_EQ(found.options.find("dest")->where().text(), "x.yml:1:21");
}

TEST(InlineArguments, ThatNeverEndAreRefused) {
  EXPECT_THROW(parse_inline(Value("src=\"a dest=b"), "copy"), Error);
  EXPECT_THROW(parse_inline(Value("src={{ a dest=b"), "copy"), Error);
}

TEST(ModuleName, IsFoundThroughCollectionsAndAliases) {
  EXPECT_EQ(canonical_module("copy"), "copy");
  EXPECT_EQ(canonical_module("ansible.builtin.copy"), "copy");
  EXPECT_EQ(canonical_module("ansible.legacy.copy"), "copy");
  EXPECT_EQ(canonical_module("community.general.ini_file"), "ini_file");
  EXPECT_EQ(canonical_module("ansible.builtin.yum"), "dnf");
  EXPECT_EQ(canonical_module("systemd_service"), "systemd");
  EXPECT_EQ(canonical_module("include"), "include_tasks");
  EXPECT_EQ(canonical_module("acme.tools.copy"), "acme.tools.copy");
}

}  // namespace
}  // namespace agent
