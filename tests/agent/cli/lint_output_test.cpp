#include <sstream>

#include <gtest/gtest.h>

#include <agent/cli/lint_output.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::cli {
namespace {

Problems problems() {
  Problems out;
  const Where where{std::make_shared<const std::string>("site.yml"), 3, 5};
  out.error("unknown-keyword", Error("no keyword 'hosst'").at(where).spanning(5).hint("did you mean 'hosts'?"));
  out.warning("octal", Error("mode 644 is decimal").at(where));
  return out;
}

TEST(LintOutput, IsForPeople) {
  std::ostringstream out;
  write_text(out, problems());
  EXPECT_EQ(out.str(),
            "site.yml:3:5: error: no keyword 'hosst'\n  hint: did you mean 'hosts'?\n"
            "site.yml:3:5: warning: mode 644 is decimal\n");
}

TEST(LintOutput, IsForPrograms) {
  std::ostringstream out;
  write_json(out, problems());
  const Value list = parse_json(out.str());
  ASSERT_EQ(list.list().size(), 2u);
  EXPECT_EQ(list.list()[0]["rule"].string(), "unknown-keyword");
  EXPECT_EQ(list.list()[0]["line"].integer(), 3);
  EXPECT_EQ(list.list()[1]["severity"].string(), "warning");
}

TEST(LintOutput, IsSarif) {
  std::ostringstream out;
  write_sarif(out, problems(), "1");
  const Value sarif = parse_json(out.str());
  const Value& result = sarif["runs"].list()[0]["results"].list()[0];
  EXPECT_EQ(result["ruleId"].string(), "unknown-keyword");
  EXPECT_EQ(result["locations"].list()[0]["physicalLocation"]["region"]["startLine"].integer(), 3);
}

}  // namespace
}  // namespace agent::cli
