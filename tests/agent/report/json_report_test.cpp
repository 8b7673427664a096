#include <sstream>

#include <gmock/gmock.h>

#include <agent/report/json_lines_report.hpp>
#include <agent/report/json_report.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::report {
namespace {

TEST(JsonLines, AreOneEventEachWithVersionAndTime) {
  std::ostringstream out;
  JsonLinesReport report(out);
  event::TaskResult result;
  result.host = "h";
  result.task = "two\nlines";
  result.status = Status::changed;
  report.on(result);
  report.on(event::Recap{});
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const Value first = parse_json(text.substr(0, text.find('\n')));
  EXPECT_EQ(first["v"].integer(), event::version);
  EXPECT_EQ(first["event"].string(), "task_result");
  EXPECT_EQ(first["task"].string(), "two\nlines");
  EXPECT_TRUE(first["time"].is_string());
}

TEST(TheJsonReport, HasPlaysWithTasksAndStats) {
  Recorder recorder;
  event::TaskResult result;
  result.host = "h";
  result.task = "t";
  result.module = "copy";
  result.status = Status::changed;
  result.result = Map{{"changed", true}};
  event::Recap recap;
  recap.hosts["h"].changed = 1;
  recorder.hear(event::PlayStarted{"p", {"h"}, false, {}}, {});
  recorder.hear(event::TaskStarted{"p", "t", "copy", false, false, {}}, {});
  recorder.hear(result, {});
  recorder.hear(recap, {});
  const Value whole = parse_json(json_report(recorder.record()));
  const Value& task = whole["plays"].list()[0]["tasks"].list()[0];
  EXPECT_EQ(task["task"]["name"].string(), "t");
  EXPECT_EQ(task["hosts"]["h"]["action"].string(), "copy");
  EXPECT_EQ(whole["stats"]["h"]["changed"].integer(), 1);
}

}  // namespace
}  // namespace agent::report
