#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/printing.hpp>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/regex.hpp>

namespace agent {
namespace {

using ::testing::HasSubstr;

Value cases() {
  const Path path = Path(AGENT_SOURCE_DIR) / "tests/agent/sdk/regex_cases.json";
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return parse_json(text.str(), path.string());
}

RegexOptions options(const std::string& flag) {
  return {.ignore_case = flag == "i", .multiline = flag == "m", .dot_all = flag == "s"};
}

Value spans(const Match& match) {
  List list;
  for (std::size_t group = 0; group <= match.groups(); ++group) {
    const auto span = match.span(group);
    list.push_back(span ? Value(List{span->first, span->second}) : Value());
  }
  return list;
}

Value replaced(const Regex& regex, const std::string& text, const std::string& replacement) {
  try {
    const auto [result, count] = regex.replaced(text, replacement);
    return List{result, count};
  } catch (const Error&) {
    return nullptr;
  }
}

void expect_same(const Value& given) {
  const std::string text = given["text"].string();
  std::optional<Regex> regex;
  try {
    regex.emplace(given["pattern"].string(), options(given["flag"].string()));
  } catch (const Error& error) {
    EXPECT_TRUE(given.find("refused")) << error.message();
    return;
  }
  ASSERT_FALSE(given.find("refused")) << "a pattern was taken that Python refuses";
  List all;
  for (const Match& match : regex->all(text)) all.push_back(spans(match));
  EXPECT_EQ(Value(all), given["all"]);
  EXPECT_EQ(Value(regex->match(text, true).has_value()), given["full"]);
  EXPECT_EQ(Value(regex->match(text).has_value()), given["start"]);
  EXPECT_EQ(replaced(*regex, text, given["replacement"].string()), given["replaced"]);
}

TEST(Regex, MeansWhatItMeansToPython) {
  const Value all = cases();
  for (const Value& given : all.list()) {
    SCOPED_TRACE(given.json());
    expect_same(given);
  }
}

TEST(Regex, WorksOnBytesWhereTheyAreNoText) {
  const Regex regex("a.b", {.bytes = true});
  EXPECT_EQ(regex
                .replaced("a\xff"
                          "b",
                          "x")
                .first,
            "x");
  EXPECT_EQ(Regex("b")
                .replaced("\xff"
                          "b",
                          "x")
                .first,
            "\xff"
            "x");
}

TEST(Regex, GivesGroupsByNameAndNumber) {
  const Regex regex("(?P<key>\\w+)=(\\w*)(!)?");
  const std::string text = "a=1";
  const auto match = regex.search(text);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->group("key"), "a");
  EXPECT_EQ(match->group(2), "1");
  EXPECT_EQ(match->group(3), std::nullopt);
  EXPECT_EQ(match->expanded("\\2=\\g<key>"), "1=a");
}

TEST(Regex, KnowsThatItIsMultiline) {
  EXPECT_TRUE(Regex("(?m)^a").is_multiline());
  EXPECT_FALSE(Regex("^a").is_multiline());
}

TEST(Regex, GivesUpOnAPatternThatTakesForever) {
  try {
    Regex("(a+)+$").search(std::string(60, 'a') + "b");
    SUCCEED() << "the library has its own way out";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("cannot be matched"));
  }
}

TEST(Regex, NamesThePlaceOfAMistake) {
  try {
    static_cast<void>(Regex("ab\\q"));
    FAIL() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the pattern 'ab\\q' is wrong at character 3: bad escape \\q");
  }
}

TEST(RegexEscaped, MatchesJustTheText) {
  for (const std::string text : {"a.b*c", "[x]{2}", "a b#c", "$^|\\", "~&-"})
    EXPECT_TRUE(Regex(regex_escaped(text)).match(text, true)) << text;
}

}  // namespace
}  // namespace agent
