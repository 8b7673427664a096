#include <sstream>

#include <gmock/gmock.h>

#include <agent/report/json_lines_report.hpp>
#include <agent/report/json_report.hpp>
#include <agent/report/json_stream.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/sdk/codec.hpp>

#include "run_for_tests.hpp"

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

TEST(JsonInPieces, ReadsAsItWouldAsAWhole) {
  const Map leaf{{"a", List{1, Map{}}}, {"b\n", "x"}};
  const Value whole = Map{{"empty", List{}}, {"list", List{leaf, 2, Map{}}}, {"none", Map{}}, {"text", "y"}};
  for (const int indent : {0, 4}) {
    std::ostringstream out;
    JsonStream json(out, indent);
    json.open_map();
    json.name("empty");
    json.open_list();
    json.close();
    json.name("list");
    json.open_list();
    json.item();
    json.put(leaf);
    json.item();
    json.put(2);
    json.item();
    json.open_map();
    json.close();
    json.close();
    json.put("none", Map{});
    json.put("text", "y");
    json.close();
    EXPECT_EQ(out.str(), json_shown(whole, indent));
  }
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
  const Value whole = parse_json(written(json_report, recorder.record()));
  const Value& task = whole["plays"].list()[0]["tasks"].list()[0];
  EXPECT_EQ(task["task"]["name"].string(), "t");
  EXPECT_EQ(task["hosts"]["h"]["action"].string(), "copy");
  EXPECT_EQ(whole["stats"]["h"]["changed"].integer(), 1);
}

}  // namespace
}  // namespace agent::report
