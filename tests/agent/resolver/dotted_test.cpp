#include <gtest/gtest.h>

#include <agent/resolver/dotted.hpp>

namespace agent::resolver {
namespace {

Dotted version(const char* text) {
  return *Dotted::parse(text);
}

TEST(ADottedVersion, ComparesNumberByNumber) {
  // cuda_driver.yml, `compare`: 455.23 < 455.23.05 < 455.32
  EXPECT_LT(version("455.23"), version("455.23.05"));
  EXPECT_LT(version("455.23.05"), version("455.32"));
  EXPECT_LT(version("9.2"), version("10.0"));
  EXPECT_EQ(version("455.32"), version("455.32.00"));
}

TEST(ADottedVersion, IsOnlyNumbers) {
  for (const char* text : {"", ".", "12.", ".4", "12.x", "12..4", "-1", "12.4 ", "99999999999"})
    EXPECT_FALSE(Dotted::parse(text)) << text;
}

TEST(ADottedVersion, KnowsItsSeries) {
  EXPECT_EQ(version("12.4.1").series(), "12.4");
  EXPECT_EQ(version("12.4").series(), "12.4");
  EXPECT_EQ(version("12").series(), "12");
}

}  // namespace
}  // namespace agent::resolver
