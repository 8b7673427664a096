#include <gmock/gmock.h>
#include <sys/stat.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/history/recording.hpp>
#include <agent/history/store.hpp>

namespace agent::history {
namespace {

using test::TemporaryDirectory;
using testing::ElementsAre;
using testing::IsEmpty;

/// A run with one task that says `output`, and ends with `status`.
WholeRun run_named(const std::string& name, const std::string& output = "", Status status = Status::ok) {
  Recording recording([] { return report::time_of(1'795'000'000.25); });
  recording.on(event::RunStarted{{"site.yml"}, true, name, "0.1.0", "", ""});
  recording.on(event::PlayStarted{"p", {"h"}, true});
  recording.on(event::Progress{"h", "t", "half", 0.5});
  event::TaskResult e;
  e.host = "h";
  e.play = "p";
  e.task = "t";
  e.status = status;
  e.result = Map{{"stdout", output}};
  e.output = output;
  recording.on(e);
  event::Recap recap;
  recap.check = true;
  recap.hosts["h"].add(status);
  recording.on(recap);
  return recording.run();
}

std::vector<std::int64_t> numbers(const Store& store) {
  std::vector<std::int64_t> out;
  for (const auto& run : store.list(100)) out.push_back(run.number);
  return out;
}

TEST(TheHistory, GivesBackWhatWasKept) {
  const TemporaryDirectory folder;
  const Path file = folder / "state/agent/history.db";
  EXPECT_EQ(Store(file, Store::Use::writing).add(run_named("one", "", Status::would_change)), 1);
  const Store store(file, Store::Use::reading);
  const auto runs = store.list(10);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].verdict, "drift");
  EXPECT_EQ(runs[0].counts.changed, 1);
  EXPECT_EQ(runs[0].playbooks, "site.yml");
  const WholeRun found = store.find("one");
  EXPECT_EQ(found.events.size(), 4u);  // without the progress
  EXPECT_EQ(report::utc_text(found.events[0].first), "2026-11-18T11:06:40.250000Z");
  EXPECT_EQ(std::get<event::TaskResult>(found.events[2].second).status, Status::would_change);
}

TEST(TheHistory, IsForItsOwnersEyesOnly) {
  const TemporaryDirectory folder;
  const Path file = folder / "agent/history.db";
  Store(file, Store::Use::writing).add(run_named("one"));
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
  ASSERT_EQ(::stat(file.parent_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0700u);
}

TEST(TheHistory, DoesNotKeepWhatATaskThatWentWellHadToSay) {
  const WholeRun well = run_named("one", "the token is hunter2");
  EXPECT_THAT(std::get<event::TaskResult>(well.events[2].second).output, IsEmpty());
  EXPECT_TRUE(std::get<event::TaskResult>(well.events[2].second).result.empty());
  const WholeRun failed = run_named("one", "no space left", Status::failed);
  EXPECT_EQ(std::get<event::TaskResult>(failed.events[2].second).output, "no space left");
}

TEST(TheHistory, FindsRunsByNumberNameAndFromTheEnd) {
  const TemporaryDirectory folder;
  Store store(folder / "h.db", Store::Use::writing);
  for (const char* name : {"a", "b", "c"}) store.add(run_named(name));
  EXPECT_EQ(store.find("2").about.name, "b");
  EXPECT_EQ(store.find("c").about.number, 3);
  EXPECT_EQ(store.find("last").about.name, "c");
  EXPECT_EQ(store.find("last-2").about.name, "a");
  for (const char* wrong : {"4", "d", "last-3", "last-x", "0", ""}) EXPECT_THROW(store.find(wrong), Error) << wrong;
}

TEST(TheHistory, KeepsARunThatWasGoneOnWithInItsPlace) {
  const TemporaryDirectory folder;
  Store store(folder / "h.db", Store::Use::writing);
  for (const char* name : {"a", "b"}) store.add(run_named(name));
  EXPECT_EQ(store.add(run_named("a", "no space left", Status::failed)), 1);
  EXPECT_EQ(store.list(10).size(), 2u);
  EXPECT_EQ(store.find("last").about.name, "b");
  EXPECT_EQ(std::get<event::TaskResult>(store.find("1").events[2].second).output, "no space left");
}

TEST(TheHistory, DropsTheOldestBeyondItsLimits) {
  const TemporaryDirectory folder;
  Store store(folder / "h.db", Store::Use::writing);
  for (int i = 0; i < 5; ++i) store.add(run_named(std::to_string(i)), {.runs = 3});
  EXPECT_THAT(numbers(store), ElementsAre(5, 4, 3));
  store.add(run_named("large"), {.runs = 3, .bytes = 1});
  EXPECT_THAT(numbers(store), ElementsAre(6));  // the newest stays
}

TEST(TheHistory, KeepsItsLogShort) {
  const TemporaryDirectory folder;
  const Path file = folder / "h.db";
  const WholeRun large = run_named("", std::string(100'000, 'x'), Status::failed);
  std::uintmax_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    WholeRun run = large;
    run.about.name = std::to_string(i);
    Store(file, Store::Use::writing).add(run, {.runs = 5});
    longest = std::max(longest, std::filesystem::file_size(file.string() + "-wal"));
  }
  EXPECT_LT(longest, 1'000'000u);
  EXPECT_THAT(numbers(Store(file, Store::Use::reading)), ElementsAre(20, 19, 18, 17, 16));
}

TEST(TheHistory, OfNobodyIsEmptyAndMakesNoFile) {
  const TemporaryDirectory folder;
  EXPECT_THAT(Store(folder / "h.db", Store::Use::reading).list(10), IsEmpty());
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(TheHistory, ThatIsNoDatabaseIsRefusedAndLeftAlone) {
  const TemporaryDirectory folder;
  const Path file = folder.put("h.db", std::string(4096, 'x'));
  EXPECT_THROW(Store(file, Store::Use::writing).add(run_named("one")), Error);
  EXPECT_EQ(test::content_of(file), std::string(4096, 'x'));
}

}  // namespace
}  // namespace agent::history
