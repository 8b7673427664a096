#include <gtest/gtest.h>

#include <agent/sdk/real_number.hpp>

namespace agent {
namespace {

TEST(ARealNumber, IsReadWhole) {
  EXPECT_EQ(real_number("1.5"), 1.5);
  EXPECT_EQ(real_number("-2e3"), -2000);
  EXPECT_EQ(real_number("7"), 7);
  EXPECT_EQ(real_number(".5"), 0.5);
}

TEST(ARealNumber, MayBeSoSmallThatItIsRounded) {
  EXPECT_GT(real_number("1e-310"), 0);
}

TEST(ARealNumber, IsNothingElse) {
  for (const char* text : {"", " 1", "1 ", "+1", "0x10", "1.5x", "1,5", "one", "-"})
    EXPECT_FALSE(real_number(text)) << text;
}

TEST(ARealNumber, OutOfRangeIsNone) {
  EXPECT_FALSE(real_number("1e400"));
  EXPECT_FALSE(real_number("1e-400"));
}

TEST(TheShortestText, ReadsBackAsTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 1e22, 5e-324, 123456.789, -2.5}) {
    EXPECT_EQ(real_number(shortest_text(value)), value);
    EXPECT_EQ(real_number(shortest_text(value, true)), value);
  }
  EXPECT_EQ(shortest_text(0.1), "0.1");
  EXPECT_EQ(shortest_text(1.5, true), "1.5e+00");
}

}  // namespace
}  // namespace agent
