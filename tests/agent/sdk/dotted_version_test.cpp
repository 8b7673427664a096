#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/dotted_version.hpp>

namespace agent {
namespace {

using testing::ElementsAre;

TEST(DottedVersions, AreComparedNumberByNumber) {
  EXPECT_LT(compare_dotted("450.51.06", "450.80.02"), 0);
  EXPECT_LT(compare_dotted("455.23", "455.23.05"), 0);
  EXPECT_GT(compare_dotted("1000.1", "999.99"), 0);
  EXPECT_EQ(compare_dotted("525.60.13", "525.60.13"), 0);
  EXPECT_EQ(compare_dotted("525", "525.0"), 0);
}

TEST(DottedVersions, AreTakenApartAtTheirDots) {
  EXPECT_THAT(dotted_parts("12.4.1"), ElementsAre("12", "4", "1"));
  EXPECT_THAT(dotted_parts("12"), ElementsAre("12"));
  EXPECT_THAT(dotted_parts("12."), ElementsAre("12", ""));
}

TEST(DottedVersions, AreNumbersOnlyWhereNothingElseStandsBetweenTheDots) {
  EXPECT_TRUE(are_numbers({"9", "10", "2", "21"}, 4));
  for (const char* text : {"", "9.", ".9", "9.x", "9 .1", "-1.2", "12345.1", "1.2.3.4.5"})
    EXPECT_FALSE(are_numbers(dotted_parts(text), 4)) << text;
}

}  // namespace
}  // namespace agent
