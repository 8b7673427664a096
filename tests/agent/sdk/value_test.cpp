#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/value.hpp>

namespace agent {
namespace {

using testing::ElementsAre;

TEST(AValue, KnowsItsKind) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(true).is_boolean());
  EXPECT_TRUE(Value(3).is_integer());
  EXPECT_TRUE(Value(3.5).is_real());
  EXPECT_TRUE(Value("x").is_string());
  EXPECT_TRUE(Value(List{1, 2}).is_list());
  EXPECT_TRUE(Value(Map{{"a", 1}}).is_map());
  EXPECT_TRUE(Value::unknown("why").is_unknown());
}

TEST(AValue, MadeFromACharacterPointerIsTextAndNotABoolean) {
  EXPECT_TRUE(Value("false").is_string());
}

TEST(AValue, IsATemplateOnlyWhereItWasMadeOne) {
  EXPECT_TRUE(Value::template_text("{{ a }}").is_template());
  EXPECT_FALSE(Value("{{ a }}").is_template());
}

TEST(AValue, KeepsItsPlaceWhenCopied) {
  const Where where{std::make_shared<const std::string>("site.yml"), 3, 7};
  const Value copy = Value("x").at(where);
  EXPECT_EQ(copy.where().text(), "site.yml:3:7");
}

TEST(AValue, EqualsAnotherWhateverTheirPlacesAndTemplateMarks) {
  EXPECT_EQ(Value::template_text("x", {std::make_shared<const std::string>("f"), 1, 1}), Value("x"));
}

TEST(AValue, ThatIsAWholeRealEqualsTheInteger) {
  EXPECT_EQ(Value(1), Value(1.0));
}

TEST(AValue, ThatIsTextNeverEqualsANumber) {
  EXPECT_FALSE(Value("1") == Value(1));
}

TEST(AMap, KeepsTheOrderOfInsertion) {
  Map map{{"z", 1}, {"a", 2}};
  map.set("m", 3);
  map.set("z", 4);
  Strings keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("z", "a", "m"));
  EXPECT_EQ(map.find("z")->integer(), 4);
}

TEST(AMap, EqualsAnotherInAnyOrder) {
  EXPECT_EQ((Map{{"a", 1}, {"b", 2}}), (Map{{"b", 2}, {"a", 1}}));
}

TEST(AMap, OfManyEntriesFindsErasesAndFindsAgain) {
  Map map;
  for (int i = 0; i < 1000; ++i) map.set("key" + std::to_string(i), i);
  EXPECT_TRUE(map.erase("key500"));
  EXPECT_FALSE(map.contains("key500"));
  EXPECT_EQ(map.find("key999")->integer(), 999);
  map.set("key500", -1);
  EXPECT_EQ(map.size(), 1000u);
}

TEST(AValueAsJson, IsCompactAndKeepsTheOrder) {
  EXPECT_EQ(Value(Map{{"b", List{1, 2.5, nullptr, true}}, {"a", "x\"y"}}).json(),
            R"({"b":[1,2.5,null,true],"a":"x\"y"})");
}

TEST(AValueAsJson, SaysWhyAnUnknownIsUnknown) {
  EXPECT_EQ(Value::unknown("the command was not run").json(), R"("<unknown: the command was not run>")");
}

TEST(AValueAsJson, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Value("a\xff").json(), "\"a\xef\xbf\xbd\"");
}

TEST(AValueAsJson, IsSortedWhereAsked) {
  EXPECT_EQ(Value(Map{{"b", 1}, {"a", 2}}).json(1, true), "{\n \"a\": 2,\n \"b\": 1\n}");
}

}  // namespace
}  // namespace agent
