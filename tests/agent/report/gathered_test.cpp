#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/report/gathered.hpp>
#include <agent/report/json_lines_report.hpp>
#include <agent/sdk/error.hpp>

namespace agent::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a host writes of a play with these tasks, each of which is changed; without `ends` it breaks off.
std::string lines_of(const std::string& host, const Strings& tasks, bool ends = true, bool check = false) {
  std::ostringstream out;
  JsonLinesReport report(out, [] { return time_of(1000); });
  report.on(event::RunStarted{{"site.yml"}, check, "run-" + host, "1", "sha256:p", "sha256:" + host});
  report.on(event::PlayStarted{"lab", {host}, check, {}});
  Counts counts;
  for (const auto& task : tasks) {
    report.on(event::TaskStarted{"lab", task, "copy", false, check, {}});
    event::TaskResult result;
    result.host = host;
    result.play = "lab";
    result.task = task;
    result.status = Status::changed;
    report.on(result);
    counts.add(Status::changed);
  }
  if (ends) report.on(event::Recap{{{host, counts}}, check, "", {}, false, 1});
  return out.str();
}

std::vector<Telling> read(const std::string& text, const std::string& name = "a.jsonl") {
  std::istringstream in(text);
  return tellings(in, name);
}

/// "PLAY lab web,db", "TASK x", "web", ...
Strings told(const std::vector<Telling>& all) {
  Strings out;
  for (const auto& [when, event] : gathered(all)) {
    if (const auto* play = std::get_if<event::PlayStarted>(&event)) {
      std::string hosts;
      for (const auto& host : play->hosts) hosts += " " + host;
      out.push_back("PLAY" + hosts);
    }
    if (const auto* task = std::get_if<event::TaskStarted>(&event)) out.push_back("TASK " + task->task);
    if (const auto* result = std::get_if<event::TaskResult>(&event)) out.push_back(result->host);
    if (const auto* warning = std::get_if<event::Warning>(&event)) out.push_back(warning->text);
  }
  return out;
}

std::vector<Telling> both(const std::string& a, const std::string& b) {
  auto all = read(a, "a");
  for (auto& one : read(b, "b")) all.push_back(std::move(one));
  return all;
}

TEST(GatheredRuns, AreToldAsOneTaskByTask) {
  EXPECT_THAT(told(both(lines_of("web", {"one", "two"}), lines_of("db", {"one", "two"}))),
              ElementsAre("PLAY web db", "TASK one", "web", "db", "TASK two", "web", "db"));
}

TEST(GatheredRuns, KeepTheOrderOfTasksThatOnlySomeHostsHave) {
  EXPECT_THAT(told(both(lines_of("web", {"one", "three"}), lines_of("db", {"one", "two", "three"}))),
              ElementsAre("PLAY web db", "TASK one", "web", "db", "TASK two", "db", "TASK three", "web", "db"));
}

TEST(GatheredRuns, EndWithTheCountsOfAll) {
  const auto all = gathered(both(lines_of("web", {"one"}), lines_of("db", {"one", "two"})));
  const auto& recap = std::get<event::Recap>(all.back().second);
  ASSERT_EQ(recap.hosts.size(), 2u);
  EXPECT_EQ(recap.hosts.at("db").changed, 2);
  EXPECT_EQ(all.front().first, time_of(1000)) << "the times are those of then";
}

TEST(GatheredRuns, SayWhichOneBreaksOff) {
  const auto all = both(lines_of("web", {"one"}), lines_of("db", {"one"}, false));
  EXPECT_FALSE(all[1].is_whole());
  EXPECT_THAT(told(all)[0], HasSubstr("'b' breaks off"));
  EXPECT_EQ(std::get<event::Recap>(gathered(all).back().second).hosts.at("db").changed, 1);
}

TEST(GatheredRuns, RefuseWhatDoesNotGoTogether) {
  EXPECT_THROW(gathered(both(lines_of("web", {"one"}), lines_of("web", {"one"}))), Error);
  EXPECT_THROW(gathered(both(lines_of("web", {"one"}), lines_of("db", {"one"}, true, true))), Error);
  EXPECT_THROW(gathered({}), Error);
}

TEST(TheLinesOfLaunchers, AreToldApartByTheirLabels) {
  std::istringstream web(lines_of("web", {"one"})), db(lines_of("db", {"one"}));
  std::string mixed = "clush: something else {\n", a, b;
  while (std::getline(web, a) && std::getline(db, b)) mixed += "web: " + a + "\ndb: " + b + "\nweb: no event\n";
  const auto all = read(mixed);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "a.jsonl: web");
  EXPECT_THAT(told(all), ElementsAre("PLAY web db", "TASK one", "web", "db"));
}

TEST(OneFile, MayHoldSeveralRuns) {
  EXPECT_EQ(read(lines_of("web", {"one"}) + lines_of("db", {"one"})).size(), 2u);
}

}  // namespace
}  // namespace agent::report
