#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/spec.hpp>

namespace agent {
namespace {

using testing::ElementsAre;

struct Want {
  Strings name;
  std::string state = "present";
  bool purge = false;
  std::optional<std::int64_t> retries;
  std::string mode;
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("package", "Installs and removes packages.")
                               .required("name", &Want::name, "one package, or a list of them")
                               .alias("pkg")
                               .optional("state", &Want::state, "what to make of them")
                               .choices({"present", "absent"})
                               .optional("purge", &Want::purge, "remove the configuration, too")
                               .optional("retries", &Want::retries, "how often")
                               .optional("mode", &Want::mode, "of the file")
                               .as(Type::mode);
  return spec;
}

struct Mistake {
  Map args;
  std::string message, hint;
};

class ASpecGivenAMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ASpecGivenAMistake, SaysWhatItFoundAndWhatItExpected) {
  try {
    arguments().spec().check(GetParam().args);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), GetParam().message);
    EXPECT_EQ(error.hints().empty() ? "" : error.hints()[0], GetParam().hint);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, ASpecGivenAMistake,
    testing::Values(
        Mistake{{{"nmae", "x"}}, "package has no argument 'nmae'", "did you mean 'name'?"},
        Mistake{{{"zzzzzz", "x"}}, "package has no argument 'zzzzzz'", "'agent doc package' lists what it takes"},
        Mistake{{}, "package needs 'name': one package, or a list of them", ""},
        Mistake{{{"name", "x"}, {"purge", "maybe"}}, "package takes yes or no as 'purge', not 'maybe'", ""},
        Mistake{{{"name", "x"}, {"retries", "many"}}, "package takes a whole number as 'retries', not 'many'", ""},
        Mistake{{{"name", "x"}, {"retries", List{}}}, "package takes a whole number as 'retries', not a list", ""},
        Mistake{{{"name", "x"}, {"state", "presnt"}},
                "package has no state 'presnt': it is 'present' or 'absent'",
                "did you mean 'present'?"}));

TEST(ASpec, ReadsAnsiblesWordsForYesAndNo) {
  for (const char* yes : {"yes", "on", "True", "1", "y"})
    EXPECT_TRUE(arguments().read(arguments().spec().check({{"name", "x"}, {"purge", yes}})).purge) << yes;
  for (const char* no : {"no", "OFF", "false", "0", "n"})
    EXPECT_FALSE(arguments().read(arguments().spec().check({{"name", "x"}, {"purge", no}})).purge) << no;
}

TEST(ASpec, SplitsTextWithCommasIntoAList) {
  EXPECT_THAT(arguments().read(arguments().spec().check({{"name", "vim, git ,curl"}})).name,
              ElementsAre("vim", "git", "curl"));
}

TEST(ASpec, TurnsAnAliasIntoTheName) {
  EXPECT_TRUE(arguments().spec().check({{"pkg", "vim"}}).contains("name"));
}

TEST(ASpec, WritesAnIntegerModeInOctal) {
  EXPECT_EQ(arguments().spec().check({{"name", "x"}, {"mode", 0644}}).find("mode")->string(), "0644");
}

TEST(ASpec, LetsUnknownValuesPassAndTheReaderSaysWhyTheyStopIt) {
  const Map checked = arguments().spec().check({{"name", Value::unknown("not run")}});
  EXPECT_THROW(arguments().read(checked), Unknown);
}

TEST(ASpec, TakesNothingAsNotGiven) {
  EXPECT_EQ(arguments().read(arguments().spec().check({{"name", "x"}, {"state", nullptr}})).state, "present");
}

TEST(ASpec, ComesBackWholeFromAValue) {
  const Spec back = Spec::from_value(arguments().spec().to_value());
  ASSERT_EQ(back.arguments.size(), 5u);
  EXPECT_EQ(back.arguments[0].type, Type::list);
  EXPECT_TRUE(back.arguments[0].required);
  EXPECT_EQ(back.arguments[1].default_text, "present");
  EXPECT_EQ(back.arguments[4].type, Type::mode);
}

TEST(ASpecWithGroups, RefusesTwoOfAnExclusiveGroupAndWantsOneOfANeededGroup) {
  Spec spec = arguments().spec();
  spec.exclusive = {{"purge", "retries"}};
  spec.one_of = {{"mode", "purge"}};
  EXPECT_THROW(spec.check({{"name", "x"}, {"purge", true}, {"retries", 1}}), Error);
  EXPECT_THROW(spec.check({{"name", "x"}}), Error);
  EXPECT_NO_THROW(spec.check({{"name", "x"}, {"purge", true}}));
}

}  // namespace
}  // namespace agent
