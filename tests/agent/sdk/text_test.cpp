#include <gmock/gmock.h>

#include <agent/sdk/text.hpp>

namespace agent::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, IsTrimmedOfBlanksAtBothEnds) {
  EXPECT_EQ(trimmed(" \t a b \r\n\v\f"), "a b");
  EXPECT_EQ(trimmed(" \n "), "");
  EXPECT_EQ(trimmed_view("  x "), "x");
}

TEST(Text, IsMadeSmallInAsciiOnly) {
  EXPECT_EQ(lower("RTX 3070 \xC3\x84"), "rtx 3070 \xC3\x84");
}

TEST(Text, HasLinesWithoutTheirEnds) {
  EXPECT_THAT(lines_of("a\n\nb\r\n"), ElementsAre("a", "", "b\r"));
  EXPECT_THAT(lines_of("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(Text, HasWordsBetweenBlanks) {
  EXPECT_THAT(words_of("  a\tb \n c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words_of(" \n"), IsEmpty());
}

TEST(Text, IsSplitIntoOnePartMoreThanThereAreSeparators) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Text, EndsWithTheLineThatSaysSomething) {
  EXPECT_EQ(last_line("first\nthe reason\r\n\n"), "the reason");
  EXPECT_EQ(last_line("only"), "only");
  EXPECT_EQ(last_line("\n"), "");
}

TEST(Text, IsJoinedAndListed) {
  EXPECT_EQ(joined({"a", "", "c"}), "a, , c");
  EXPECT_EQ(joined({"ls", "-l"}, " "), "ls -l");
  EXPECT_EQ(listed({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(listed({"a", "b", "c"}, 1), "a and 2 more");
  EXPECT_EQ(listed({}), "");
}

}  // namespace
}  // namespace agent::text
