#include <gmock/gmock.h>

#include <agent/report/html_data.hpp>
#include <agent/report/html_report.hpp>
#include <agent/report/json_report.hpp>
#include <agent/report/junit_report.hpp>
#include <agent/report/prometheus_report.hpp>
#include <agent/sdk/codec.hpp>

#include "run_for_tests.hpp"

namespace agent::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TheJsonReport, SaysWhatWasCheckedAndWhatItCameTo) {
  const Value about = parse_json(written(json_report, two_hosts().record()))["agent"];
  EXPECT_EQ(about["mode"].string(), "check");
  EXPECT_EQ(about["verdict"].string(), "drift");
  EXPECT_EQ(about["version"].string(), "0.1.0");
  EXPECT_EQ(about["run"].string(), "name");
  EXPECT_EQ(about["playbook_hash"].string(), "sha256:p");
  EXPECT_EQ(about["inventory_hash"].string(), "sha256:i");
  EXPECT_EQ(about["wall"].string(), "full");
  EXPECT_EQ(about["hosts"].integer(), 2);
  EXPECT_EQ(about["started"].string(), "2026-11-18T11:06:40.000000Z");
}

TEST(TheJsonReport, HasEachChangeWithBeforeAndAfter) {
  const Value whole = parse_json(written(json_report, two_hosts().record()));
  const Value& task = whole["plays"].list()[0]["tasks"].list()[0];
  EXPECT_EQ(task["task"]["path"].string(), "site.yml:5:7");
  const Value& result = task["hosts"]["b"];
  EXPECT_EQ(result["status"].string(), "would_change");
  EXPECT_EQ(result["changes"].list()[0]["before"].string(), "old\n");
  EXPECT_TRUE(result["changes"].list()[1]["before"].is_null());
  EXPECT_EQ(result["duration"].real(), 0.25);
}

TEST(TheJUnitReport, HasACaseForEachHostAndTaskAndFailsOnDrift) {
  EXPECT_EQ(written(junit_report, two_hosts().record()), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="agent check" tests="6" failures="2" errors="0" skipped="2" time="1.500">
  <testsuite name="a" tests="3" failures="0" errors="0" skipped="1" time="0.750" timestamp="2026-11-18T11:06:40">
    <testcase classname="web &lt;1&gt;" name="write &amp; read" file="site.yml" line="5" time="0.250"/>
    <testcase classname="web &lt;1&gt;" name="ask" file="site.yml" line="9" time="0.250"/>
    <testcase classname="web &lt;1&gt;" name="pass" file="site.yml" line="13" time="0.250"><skipped/></testcase>
  </testsuite>
  <testsuite name="b" tests="3" failures="2" errors="0" skipped="1" time="0.750" timestamp="2026-11-18T11:06:40">
    <testcase classname="web &lt;1&gt;" name="write &amp; read" file="site.yml" line="5" time="0.250">
      <failure type="drift" message="2 changes">/etc/motd: +1 -1 lines
--- before: /etc/motd
+++ after: /etc/motd
@@ -1 +1 @@
-old
+new
/etc/motd mode: absent -&gt; 0644
</failure>
    </testcase>
    <testcase classname="web &lt;1&gt;" name="ask" file="site.yml" line="9" time="0.250">
      <failure type="unknown" message="nobody knows">because nobody knows
</failure>
    </testcase>
    <testcase classname="web &lt;1&gt;" name="pass" file="site.yml" line="13" time="0.250"><skipped/></testcase>
  </testsuite>
</testsuites>
)");
}

TEST(TheJUnitReport, OfARunTakesNoChangeForAFailure) {
  EXPECT_THAT(written(junit_report, two_hosts(false).record()), HasSubstr("tests=\"6\" failures=\"0\" errors=\"0\""));
}

TEST(ThePrometheusReport, CountsForEachHost) {
  const std::string text = written(prometheus_report, two_hosts().record());
  const std::string common = "{playbook=\"site.yml\",mode=\"check\"";
  EXPECT_THAT(text, HasSubstr("# TYPE agent_run_success gauge\nagent_run_success" + common + "} 0\n"));
  EXPECT_THAT(text, HasSubstr("agent_run_end_timestamp_seconds" + common + "} 1795000000.000\n"));
  EXPECT_THAT(text, HasSubstr("agent_host_success" + common + ",host=\"a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("agent_host_success" + common + ",host=\"b\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("agent_host_tasks" + common + ",host=\"b\",status=\"would_change\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("agent_host_tasks" + common + ",host=\"a\",status=\"failed\"} 0\n"));
}

TEST(TheHtmlData, SaysOnceWhatSeveralHostsEndedWith) {
  const Value data = parse_json(html_data(two_hosts().record()));
  EXPECT_EQ(data["hosts"].json(), R"(["a","b"])");
  EXPECT_EQ(data["tasks"].list()[1].json(), R"([0,"ask","copy","site.yml:9:7",0])");
  ASSERT_EQ(data["outcomes"].list().size(), 4u);  // ok, the change, the unknown, skipped
  EXPECT_EQ(data["cells"].list()[2].json(), "[null,[3,3],[250,250]]");
  EXPECT_EQ(data["outcomes"].list()[1].list()[1].list()[1].json(), R"(["/etc/motd mode",null,"0644"])");
  EXPECT_EQ(data["outcomes"].list()[1].list()[1].list()[0].list()[1].string(), "+1 -1 lines");
}

TEST(TheHtmlData, LeavesOutTheMiddleOfNothingAndTheEndOfWhatIsTooLong) {
  Recorder recorder;
  event::TaskResult e;
  e.host = "h";
  e.status = Status::would_change;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
  e.changes = {{"/big", "", text, false, true}};
  recorder.hear(event::PlayStarted{"p", {"h"}}, {});
  recorder.hear(e, {});
  const std::string data = html_data(recorder.record());
  EXPECT_THAT(data, HasSubstr("line 300\\n"));
  EXPECT_THAT(data, Not(HasSubstr("line 500\\n")));
  EXPECT_THAT(data, HasSubstr("more lines are left out here"));
}

TEST(TheHtmlData, LeavesOutTheEndOfALineThatIsTooLong) {
  Recorder recorder;
  event::TaskResult e;
  e.host = "h";
  e.status = Status::changed;
  e.changes = {{"/big", "", "first\n" + std::string(100'000, 'x'), false, true}};
  recorder.hear(event::PlayStarted{"p", {"h"}}, {});
  recorder.hear(e, {});
  const std::string data = html_data(recorder.record());
  EXPECT_LT(data.size(), 70'000u);
  EXPECT_THAT(data, HasSubstr("left out here"));
}

TEST(TheHtmlReport, CannotBeLeftByWhatAHostSays) {
  Recorder recorder;
  event::TaskResult e;
  e.host = "<b>h</b>";
  e.task = "</script><script>alert(1)</script>";
  e.status = Status::failed;
  recorder.hear(event::RunStarted{{"<i>site.yml"}, true}, {});
  recorder.hear(event::PlayStarted{"p", {"h"}}, {});
  recorder.hear(e, {});
  recorder.hear(event::Recap{{}, true}, {});
  const std::string page = written(html_report, recorder.record());
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, Not(HasSubstr("<b>h")));
  EXPECT_THAT(page, Not(HasSubstr("<i>site")));
}

TEST(TheHtmlReport, SaysTheAnswerWithoutAnyScript) {
  const std::string page = written(html_report, two_hosts().record());
  EXPECT_THAT(page, HasSubstr("<h1>Not compliant</h1>"));
  EXPECT_THAT(page, HasSubstr("1 task would change 1 of 2 hosts; of 1 task it cannot be known."));
  EXPECT_THAT(written(html_report, two_hosts(false).record()), HasSubstr("<h1>Converged</h1>"));
}

}  // namespace
}  // namespace agent::report
