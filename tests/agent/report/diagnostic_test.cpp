#include <gtest/gtest.h>

#include <agent/report/diagnostic.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/report/unified_diff.hpp>

namespace agent::report {
namespace {

TEST(ADiagnostic, ShowsTheLineWithACaretHintsAndTrail) {
  const auto file = std::make_shared<const std::string>("site.yml");
  Error error = Error("package has no argument 'nmae'").at({file, 2, 13}).spanning(4).hint("did you mean 'name'?");
  error.during("while running task 'web server'", {file, 1, 3});
  const auto lines = [](const std::string&, int line) {
    return line == 2 ? std::optional<std::string>("  package: {nmae: nginx}") : std::nullopt;
  };
  EXPECT_EQ(diagnostic(error, "error", lines),
            "site.yml:2:13: error: package has no argument 'nmae'\n"
            "  2 |   package: {nmae: nginx}\n"
            "    |             ^~~~\n"
            "  hint: did you mean 'name'?\n"
            "  while running task 'web server' (site.yml:1:3)\n");
}

TEST(ADiagnostic, WithoutAPlaceIsItsMessage) {
  EXPECT_EQ(diagnostic(Error("no")), "error: no\n");
}

TEST(ADiagnostic, KeepsTabsSoThatTheCaretStandsBelow) {
  const Error error = Error("x").at({std::make_shared<const std::string>("f"), 1, 3});
  EXPECT_EQ(diagnostic(error, "error", [](const std::string&, int) { return std::optional<std::string>("\tab"); }),
            "f:1:3: error: x\n  1 | \tab\n    | \t ^\n");
}

TEST(ShownText, EscapesWhatATerminalWouldObey) {
  struct Case {
    std::string given, expected;
  };
  const Case cases[] = {{"plain", "plain"},         {"a\nb", "a\\nb"},
                        {"\x1b[0m", "\\x1b[0m"},    {"\x9b", "\\x9b"},
                        {"\xc2\x9b", "\\x9b"},      {"\xe2\x80\xae", "\\u202e"},
                        {"grün", "grün"},           {"\xff\xfe", "\\xff\\xfe"},
                        {"\xc0\x80", "\\xc0\\x80"}, {"\xed\xa0\x80", "\\xed\\xa0\\x80"}};
  for (const auto& one : cases) EXPECT_EQ(shown(one.given), one.expected);
}

TEST(ShownJson, IsSortedAndSpacedAsPythonWritesIt) {
  const Value value(Map{{"b", List{1, true, Value()}}, {"a", Map()}, {"c", 1.0}});
  EXPECT_EQ(json_shown(value), "{\"a\": {}, \"b\": [1, true, null], \"c\": 1.0}");
  EXPECT_EQ(json_shown(value, 2), "{\n  \"a\": {},\n  \"b\": [\n    1,\n    true,\n    null\n  ],\n  \"c\": 1.0\n}");
}

TEST(AUnifiedDiff, HasHunksWithContext) {
  std::string before, after;
  for (int i = 1; i <= 20; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 2 ? "two" : i == 19 ? "nineteen" : std::to_string(i)) + std::string("\n");
  }
  EXPECT_EQ(unified_diff(before, after, "a", "b"),
            "--- a\n+++ b\n@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -16,5 +16,5 @@\n 16\n 17\n "
            "18\n-19\n+nineteen\n 20\n");
}

TEST(AUnifiedDiff, OfEqualTextsIsEmpty) {
  EXPECT_EQ(unified_diff("a\n", "a\n", "a", "b"), "");
}

TEST(AUnifiedDiff, FromNothingStartsAtZero) {
  EXPECT_EQ(unified_diff("", "a\nb\n", "a", "b"), "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n");
}

}  // namespace
}  // namespace agent::report
