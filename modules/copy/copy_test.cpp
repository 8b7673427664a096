#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/reference.hpp>

#include <agent/sdk/codec.hpp>

namespace agent::copy {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule copy(manifest());
const Path reference = Path(AGENT_SOURCE_DIR) / "modules/copy/reference.json";

// Where we mean to differ: the reference gives `mode` to another directory when it runs again (a directory copied to a
// `dest` that did not exist), copies nothing into a directory that it has just made (`force: false`), and fails on a
// link to nothing only after its first write.
bool differs_on_purpose(const Value& given) {
  const Value& args = given["args"];
  const std::string src = args["src"].string(), dest = args["dest"].string();
  const bool of_directory = src == "/d/d1" || src.back() == '/';
  if (!of_directory) return false;
  const bool to_nothing = dest == "/d/gone" || (dest == "/d/l" && given["tree"] == Value("links"));
  const bool made_by_slash = args["force"] == Value(false) && dest.back() == '/';
  return to_nothing || made_by_slash || (src.back() != '/' && given["result"]["dest"] == args["dest"]);
}

TEST(CopyTrees, AreThoseOfTheReference) {
  expect_trees_of_reference(copy, reference, differs_on_purpose);
}

FakeHost with_etc() {
  FakeHost host;
  host.with_user(alice()).with_file("/etc/motd", "hello\n");
  return host;
}

TEST(CopyOfAText, WritesIt) {
  FakeHost host = with_etc();
  const Plan plan = expect_laws(copy, {{"content", "bye\n"}, {"dest", "/etc/motd"}, {"backup", true}}, host);
  EXPECT_EQ(host.content("/etc/motd"), "bye\n");
  EXPECT_EQ(*plan.result.find("checksum"), Value("ee9e51458f4642f48efe956962058245ee7127b1"));
}

struct Structured {
  const char* json;     ///< the value
  const char* written;  ///< what ansible-core 2.19.14 wrote for it
};

class CopyOfAValue : public testing::TestWithParam<Structured> {};

TEST_P(CopyOfAValue, IsWrittenAsAnsibleWritesIt) {
  FakeHost host = with_etc();
  expect_laws(copy, {{"content", parse_json(GetParam().json, "case")}, {"dest", "/etc/x.json"}}, host);
  EXPECT_EQ(host.content("/etc/x.json"), GetParam().written);
}

INSTANTIATE_TEST_SUITE_P(
    Captured, CopyOfAValue,
    testing::Values(
        Structured{R"({"a":[1,true,null,1.5],"b":{"c":"ü€😀","d":[]},"e":{},"g":1.0,"h":"a\"b\\/\u007f\u0001"})",
                   R"({"a": [1, true, null, 1.5], "b": {"c": "\u00fc\u20ac\ud83d\ude00", "d": []}, "e": {}, "g": 1.0, )"
                   R"("h": "a\"b\\/\u007f\u0001"})"},
        Structured{R"([1,"two",[3,{"x":"y"}],false])", R"([1, "two", [3, {"x": "y"}], false])"},
        Structured{R"({"ü":{"k":"\n\t","é":[]}})", R"({"\u00fc": {"k": "\n\t", "\u00e9": []}})"},
        Structured{R"([1000.0,0.1,1e20,1e16,1e15,1e-4,1e-5,1.5e-7,123456789012345678,-2.5])",
                   "[1000.0, 0.1, 1e+20, 1e+16, 1000000000000000.0, 0.0001, 1e-05, 1.5e-07, 123456789012345678, -2.5]"},
        Structured{"[]", "[]"}, Structured{"{}", "{}"}, Structured{"5", "5"}, Structured{"1.5", "1.5"},
        Structured{"true", "True"}));

TEST(CopyFromTheController, TakesTheNameAndTheModeOfItsSource) {
  FakeHost host = with_etc();
  const Plan plan = expect_laws(
      copy,
      {{"src", "dir/tool.sh"}, {"dest", "/etc/"}, {"mode", "preserve"}, {"src_content", "#!"}, {"src_mode", "0755"}},
      host);
  EXPECT_EQ(host.stat("/etc/tool.sh")->mode, 0755U);
  EXPECT_EQ(*plan.result.find("src"), Value("dir/tool.sh"));
}

TEST(CopyFromTheController, BringsATree) {
  FakeHost host = with_etc();
  const List tree = {Map{{"path", "a/b.txt"}, {"content", "b"}, {"mode", "0600"}},
                     Map{{"path", "empty"}, {"mode", "0711"}}, Map{{"path", "l"}, {"link", "a/b.txt"}}};
  expect_laws(copy,
              {{"src", "files/app"},
               {"dest", "/srv/"},
               {"src_tree", tree},
               {"mode", "0640"},
               {"directory_mode", "0750"},
               {"owner", "alice"}},
              host);
  EXPECT_EQ(host.content("/srv/app/a/b.txt"), "b");
  EXPECT_EQ(host.stat("/srv/app/a/b.txt")->mode, 0640U);
  EXPECT_EQ(host.stat("/srv/app/a")->mode, 0750U);
  EXPECT_EQ(host.stat("/srv/app/empty")->uid, alice().uid);
  EXPECT_EQ(host.stat("/srv/app/l", false)->target, "a/b.txt");
}

TEST(CopyFromTheController, RefusesATreeThatLeadsElsewhere) {
  for (const char* path : {"../x", "/etc/x", "a/../../x"})
    EXPECT_THAT(error_of([&] {
                  copy.check({{"src", "d"}, {"dest", "/srv"}, {"src_tree", List{Map{{"path", path}, {"content", ""}}}}},
                             with_etc());
                }),
                ::testing::HasSubstr("would lie outside"));
}

TEST(CopyFromTheController, IsUnknownWhereTheContentIs) {
  EXPECT_THROW(copy.check({{"src", "d"}, {"dest", "/etc/x"}, {"src_content", Value::unknown("not run")}}, with_etc()),
               Unknown);
}

TEST(Copy, ExplainsItsMistakes) {
  const FakeHost host = with_etc();
  EXPECT_EQ(error_of([&] { copy.check({{"dest", "/x"}}, host); }), "copy needs one of 'src' or 'content'");
  EXPECT_EQ(error_of([&] {
              copy.check({{"dest", "/x"}, {"content", ""}, {"mode", "preserve"}}, host);
            }),
            "'mode: preserve' needs 'src': a text has no mode");
  EXPECT_EQ(error_of([&] {
              copy.check({{"dest", "/x"}, {"src", "/none"}, {"remote_src", true}}, host);
            }),
            "there is no '/none' on the machine to copy");
  EXPECT_EQ(error_of([&] {
              copy.check({{"dest", "/none/x"}, {"content", ""}}, host);
            }),
            "there is no directory '/none' to put 'x' in");
}

}  // namespace
}  // namespace agent::copy
