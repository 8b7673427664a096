#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/yaml/encrypted.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::yaml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Value value_of(const std::string& text) {
  return read(text, "a.yml").root;
}

/// "where: message | hint", as one text to compare.
std::string error_of(const std::string& text, const Options& options = {}) {
  try {
    read(text, "a.yml", options);
  } catch (const Error& error) {
    std::string shown = error.where().text() + ": " + error.message();
    for (const auto& hint : error.hints()) shown += " | " + hint;
    return shown;
  }
  return "no error";
}

TEST(YamlText, BecomesValues) {
  EXPECT_EQ(value_of("a: 1\nb: [x, yes, ~]\nc: {d: 0644}\n").json(), R"({"a":1,"b":["x",true,null],"c":{"d":420}})");
}

TEST(YamlText, KeepsTheOrderOfKeys) {
  EXPECT_EQ(value_of("z: 1\na: 2\n").json(), R"({"z":1,"a":2})");
}

TEST(YamlText, ReadsBlockScalars) {
  EXPECT_EQ(value_of("a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\nc: |+\n  k\n\nd: |2\n    two\n").json(),
            R"({"a":"x\n y\n","b":"x y\nz","c":"k\n\n","d":"  two\n"})");
}

TEST(YamlText, TakesTheFirstOfSeveralDocuments) {
  EXPECT_EQ(value_of("---\na: 1\n---\nb: 2\n").json(), R"({"a":1})");
  EXPECT_EQ(value_of("a: 1\n...\nnot: [yaml\n").json(), R"({"a":1})");
}

TEST(YamlText, MayBeEmpty) {
  EXPECT_TRUE(value_of("").is_null());
  EXPECT_TRUE(value_of("# only a comment\n").is_null());
  EXPECT_TRUE(value_of("---\n").is_null());
}

TEST(YamlText, MayHaveAByteOrderMarkAndWindowsLines) {
  EXPECT_EQ(value_of("\xEF\xBB\xBF"
                     "a: 1\r\nb: |\r\n  x\r\n  y\r\n")
                .json(),
            R"({"a":1,"b":"x\ny\n"})");
}

TEST(YamlText, WritesOtherKeysAsText) {
  EXPECT_EQ(value_of("1: a\nyes: b\n~: c\n0x10: d\n'on': e\n").json(),
            R"({"1":"a","True":"b","None":"c","16":"d","on":"e"})");
}

TEST(YamlPlaces, CountLinesAndCharactersFromOne) {
  const Document document = read("- name: x\n  \xC3\xA9\xC3\xA9: [\xC3\xBC, y]\n", "a.yml");
  const Map& task = document.root.list()[0].map();
  EXPECT_EQ(task.find("name")->where().text(), "a.yml:1:9");
  EXPECT_EQ(task.find("\xC3\xA9\xC3\xA9")->where().text(), "a.yml:2:7");
  EXPECT_EQ(task.find("\xC3\xA9\xC3\xA9")->list()[1].where().text(), "a.yml:2:11");
  EXPECT_EQ(document.keys.find(task, "\xC3\xA9\xC3\xA9").text(), "a.yml:2:3");
  EXPECT_EQ(document.root.where().text(), "a.yml:1:1");
}

TEST(YamlPlaces, AreKnownForEmptyValues) {
  EXPECT_EQ(value_of("a:\nb: 1\n")["a"].where().line, 1);
}

TEST(YamlPlaces, PointIntoScalarsOfEveryStyle) {
  const Value root = value_of(
      "a: x {{ y }}\nb: \"q {{ y }}\"\nc: |\n    one\n    two {{ y }}\nd: !unsafe 'z {{'\ne: &e |2-\n\n    four {{\nf: "
      "&f\n  g{{\n");
  const auto place = [&](const char* key, const char* part) {
    const std::string& value = root[key].string();
    return place_inside(root[key].where(), value, value.find(part)).text();
  };
  EXPECT_EQ(place("a", "{{"), "a.yml:1:6");
  EXPECT_EQ(place("b", "y"), "a.yml:2:10");
  EXPECT_EQ(place("c", "one"), "a.yml:4:5");
  EXPECT_EQ(place("c", "{{"), "a.yml:5:9");
  EXPECT_EQ(place("d", "{{"), "a.yml:6:15");
  EXPECT_EQ(place("e", "{{"), "a.yml:9:10");
  EXPECT_EQ(place("f", "{{"), "a.yml:11:4");
}

TEST(YamlTemplates, AreAllTextsExceptUnsafeOnes) {
  const Value root = value_of("a: x\nb: 'y'\nc: !unsafe '{{ z }}'\nd: !unsafe [k, {l: m}]\ne: 1\n");
  EXPECT_TRUE(root["a"].is_template());
  EXPECT_TRUE(root["b"].is_template());
  EXPECT_FALSE(root["c"].is_template());
  EXPECT_FALSE(root["d"].list()[0].is_template());
  EXPECT_FALSE(root["d"].list()[1]["l"].is_template());
  EXPECT_EQ(root["c"].string(), "{{ z }}");
}

TEST(YamlTemplates, AreNotMadeOfTextThatMayNotBeTrusted) {
  EXPECT_FALSE(read("a: '{{ x }}'", "a.yml", {.templates = false}).root["a"].is_template());
}

TEST(YamlTags, KeepEncryptedValuesClosed) {
  const Value root = value_of("key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n");
  ASSERT_NE(encrypted(root["key"]), nullptr);
  EXPECT_EQ(encrypted(root["key"])->cipher_text(), "$ANSIBLE_VAULT;1.1;AES256\n3132\n");
  EXPECT_EQ(root["key"].where().text(), "a.yml:2:3");
}

TEST(YamlTags, OfTheCoreAreKept) {
  EXPECT_EQ(value_of("[!!str 1, !!int '3', !!float 2, !!bool 'yes', !!null '']").json(), R"(["1",3,2.0,true,null])");
}

TEST(YamlTags, OfOtherKindsAreRefused) {
  EXPECT_EQ(
      error_of("a: !foo bar\n"),
      "a.yml:1:4: tag '!foo' is not supported | '!unsafe' and '!vault' are; text that starts with '!' must be quoted");
  EXPECT_THAT(error_of("a: !!python/object:os.system x\n"),
              HasSubstr("tag '!!python/object:os.system' is not supported"));
  EXPECT_THAT(error_of("a: !!binary aGk=\n"), HasSubstr("tag '!!binary' is not supported"));
  EXPECT_THAT(error_of("a: !!int x\n"), HasSubstr("'x' is no '!!int' value"));
}

TEST(YamlMerge, PutsMergedKeysFirstAndLetsOwnKeysWin) {
  EXPECT_EQ(value_of("a: &a {x: 1, y: 2}\nb:\n  z: 3\n  x: 4\n  <<: *a\n")["b"].json(), R"({"x":4,"y":2,"z":3})");
}

TEST(YamlMerge, LetsTheFirstOfAListWin) {
  EXPECT_EQ(value_of("a: {<<: [{x: 1}, {x: 2, y: 3}]}")["a"].json(), R"({"x":1,"y":3})");
}

TEST(YamlMerge, KeepsThePlacesOfKeys) {
  const Document document = read("a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\n", "a.yml");
  const Map& merged = document.root["b"].map();
  EXPECT_EQ(document.keys.find(merged, "x").text(), "a.yml:2:3");
  EXPECT_EQ(document.keys.find(merged, "y").text(), "a.yml:5:3");
}

TEST(YamlMerge, IsNotMeantByAQuotedKey) {
  EXPECT_EQ(value_of("'<<': 1\n").json(), R"({"<<":1})");
}

TEST(YamlMerge, WantsAMapping) {
  EXPECT_EQ(error_of("<<: 3\n"), "a.yml:1:5: '<<' merges a mapping or a list of mappings, not a whole number");
}

TEST(YamlAliases, RepeatAValue) {
  EXPECT_EQ(value_of("a: &x [1]\nb: *x\n").json(), R"({"a":[1],"b":[1]})");
}

TEST(YamlDuplicateKeys, AreAWarningAndTheLastCounts) {
  const Document document = read("a: 1\nb: 2\na: 3\n", "a.yml");
  EXPECT_EQ(document.root.json(), R"({"a":3,"b":2})");
  ASSERT_EQ(document.warnings.size(), 1u);
  EXPECT_EQ(document.warnings[0].message(), "key 'a' is given twice, in line 1 and in line 3; the last one counts");
  EXPECT_EQ(document.warnings[0].where().text(), "a.yml:3:1");
}

TEST(Json, IsReadAsJson) {
  EXPECT_EQ(value_of(R"({"a": [1, -2.5, 1e2, true, null, "x\u00e9\/\n\ud83d\ude00"], "b": {}})").json(),
            "{\"a\":[1,-2.5,100.0,true,null,\"x\xC3\xA9/\\n\xF0\x9F\x98\x80\"],\"b\":{}}");
}

TEST(Json, KnowsPlaces) {
  const Document document = read("{\n  \"a\": [1,\n    \"b\"]}\n", "a.json");
  EXPECT_EQ(document.root["a"].list()[1].where().text(), "a.json:3:6");
  EXPECT_EQ(document.keys.find(document.root.map(), "a").text(), "a.json:2:3");
}

struct Mistake {
  const char* name;
  std::string text;
  std::string error;
};

const Mistake mistakes[] = {
    {"BareTemplate", "a: {{ x }}\n",
     "a.yml:1:4: a value that starts with '{{' must be quoted | write it as \"{{ ... }}\""},
    {"BareTemplateWithTail", "a: {{ x }}/b\n",
     "a.yml:1:4: a value that starts with '{{' must be quoted | write it as \"{{ ... }}\""},
    {"ColonInValue", "a: b: c\n", "a.yml:1:5: a ':' cannot stand here | a value with ': ' in it must be quoted"},
    {"IndentedKey", "a: 1\n b: 2\n",
     "a.yml:2:3: a ':' cannot stand here | is this line indented as the keys beside it are, and is the line above "
     "complete?"},
    {"UnindentedKey", "a:\n    b: 1\n  c: 2\n",
     "a.yml:3:3: this line is indented like no line above it that it could belong to | all keys of a mapping, and all "
     "'-' "
     "of a list, start in the same column"},
    {"TabInMapping", "a: 1\n\tb: 2\n", "a.yml:2:1: a tab cannot be used for indentation | use spaces"},
    {"TabAfterSpaces", "a:\n  b: 1\n \tc: 2\n", "a.yml:3:2: a tab cannot be used for indentation | use spaces"},
    {"TabInFirstLine", "\ta: 1\n", "a.yml:1:1: a tab cannot be used for indentation | use spaces"},
    {"TabBeforeItem", "a:\n\t- 1\n", "a.yml:2:1: a tab cannot be used for indentation | use spaces"},
    {"AtSign", "a: @x\n", "a.yml:1:4: text cannot start with '@' unless it is quoted | put the text between quotes"},
    {"Percent", "a: %x\n", "a.yml:1:4: text cannot start with '%' unless it is quoted | put the text between quotes"},
    {"UnknownAnchor", "a: *x\n",
     "a.yml:1:4: this alias names an anchor that is not defined above it | text that starts with '*' must be quoted"},
    {"EndlessAlias", "a: &x [*x]\n", "a.yml:1:8: an alias inside the value that it stands for would never end"},
    {"UnknownEscape", "a: \"\\q\"\n",
     "a.yml:1:5: '\\q' means nothing between double quotes | write '\\\\q', or put the text between single quotes"},
    {"OpenDoubleQuote", "a: \"abc\nb: 1\n", "a.yml:1:4: this quote is never closed | end the text with \""},
    {"OpenSingleQuote", "a: 'it''s\n", "a.yml:1:4: this quote is never closed | end the text with '"},
    {"OpenList", "a: [1, 2\n", "a.yml:2:1: a list that began with '[' is not closed | add the ']'"},
    {"OpenMapping", "a: {b: 1\n", "a.yml:2:1: a mapping that began with '{' is not closed | add the '}'"},
    {"ItemInValue", "a: - b\n",
     "a.yml:1:4: a list item cannot start here | put each '- item' on a line of its own, below its key"},
    {"KeyAfterList", "- a\nb: 1\n",
     "a.yml:2:1: this belongs to nothing above it | a file holds one list or one mapping: are its lines indented "
     "alike?"},
    {"TextAfterQuote", "a: \"b\" c\n",
     "a.yml:1:8: the value has ended before this text | quote the whole value, or start a new line"},
    {"CollectionAsKey", "? [a]\n: b\n",
     "a.yml:1:3: a mapping or list cannot be a key | a key that starts with '{' or '[' must be quoted"},
    {"NotUtf8", "a: \xE9\n", "a.yml:1:4: byte 0xE9 is not UTF-8 | save the file as UTF-8"},
    {"ControlCharacter", std::string("a: \x1b[31m\n"),
     "a.yml:1:4: control character U+001B is not allowed | inside double quotes it can be written as an escape: "
     "\"\\x1b\""},
    {"Nul", std::string("a: x\0y\n", 7),
     "a.yml:1:5: control character U+0000 is not allowed | inside double quotes it can be written as an escape: "
     "\"\\x1b\""},
    {"EncryptedFile", "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
     "a.yml:1:1: the file is encrypted, and encrypted files cannot be read yet | decrypt it: ansible-vault decrypt "
     "a.yml"},
};

class YamlMistake : public testing::TestWithParam<Mistake> {};
TEST_P(YamlMistake, IsExplainedAtItsPlace) {
  EXPECT_EQ(error_of(GetParam().text), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(Of, YamlMistake, testing::ValuesIn(mistakes),
                         [](const auto& mistake) { return mistake.param.name; });

TEST(YamlLimits, HoldForDepth) {
  EXPECT_EQ(error_of(std::string(64, '[') + std::string(64, ']')), "no error");
  EXPECT_EQ(error_of(std::string(65, '[') + std::string(65, ']')), "a.yml:1:65: nested more than 64 levels deep");
  EXPECT_THAT(error_of(std::string(5'000'000, '[')), HasSubstr("nested more than 64 levels deep"));
  EXPECT_THAT(error_of(std::string(5'000'000, '{')), HasSubstr("too large to be read"));
  std::string blocks;
  for (int i = 0; i < 100; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(error_of(blocks), "a.yml:65:65: nested more than 64 levels deep");
}

TEST(YamlLimits, HoldForDepthReachedThroughAliases) {
  std::string text = "a0: &a0 []\n";
  for (int i = 1; i < 100; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_THAT(error_of(text), HasSubstr("nested more than 64 levels deep"));
}

TEST(YamlLimits, HoldForAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) text += ", " + before;
    text += "]\n";
  }
  EXPECT_THAT(error_of(text), HasSubstr("more than 400000 values, aliases counted each time"));
}

TEST(YamlLimits, HoldForFilesAndTexts) {
  EXPECT_EQ(error_of("abcd", {.limits = {.file = 3}}), "a.yml:1:1: the text has 4 bytes, more than the limit of 3");
  EXPECT_EQ(error_of("a: bcde", {.limits = {.scalar = 3}}), "a.yml:1:4: text of 4 bytes is longer than the limit of 3");
  EXPECT_THAT(error_of("[a, a, a]", {.limits = {.nodes = 3}}), HasSubstr("more than 3 values"));
}

TEST(YamlLimits, HoldForDuplicateKeys) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a: 1\n";
  EXPECT_THAT(error_of(text), HasSubstr("more than 100 keys are given twice"));
}

TEST(YamlFile, ThatCannotBeReadIsNamed) {
  const auto error = [](const Path& file) {
    try {
      load(file);
    } catch (const Error& failure) {
      return failure.message();
    }
    return std::string();
  };
  EXPECT_EQ(error("/nowhere/x.yml"), "cannot read '/nowhere/x.yml': there is no such file");
  EXPECT_EQ(error("/tmp"), "cannot read '/tmp': it is a directory");
}

}  // namespace
}  // namespace agent::yaml
