#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/cli/limit.hpp>

namespace agent::cli {
namespace {

using ::testing::HasSubstr;

/// A folder with a history and a file of hosts.
class ALimit : public testing::Test {
 protected:
  ALimit() {
    char name[] = "/tmp/agent-limit-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~ALimit() override { std::filesystem::remove_all(folder_); }

  void remember(const std::string& playbooks, const std::map<std::string, Counts>& hosts) {
    history::WholeRun run;
    run.about.name = std::to_string(++runs_);
    run.about.playbooks = playbooks;
    event::Recap recap;
    recap.hosts = hosts;
    run.events.emplace_back(report::Time{}, recap);
    history::Store(folder_ / "history.db", history::Store::Use::writing).add(run);
  }
  std::string of(const std::string& written, const Strings& playbooks = {"site.yml"}) const {
    return limit_of(written, playbooks,
                    [this] { return history::Store(folder_ / "history.db", history::Store::Use::reading); });
  }
  std::string refused(const std::string& written, const Strings& playbooks = {"site.yml"}) const {
    try {
      return "not refused: " + of(written, playbooks);
    } catch (const Error& error) {
      return error.message();
    }
  }

  Path folder_;
  int runs_ = 0;
};

TEST_F(ALimit, StaysAsItIsWrittenWithoutAskingTheHistory) {
  for (const char* written : {"", "web", "web:&lab,!db", "gpu[0:3]"})
    EXPECT_EQ(limit_of(written, {}, []() -> history::Store { throw Error("the history was asked for"); }), written);
}

TEST_F(ALimit, TakesTheHostsNamedInAFile) {
  std::ofstream(folder_ / "hosts") << "web01\n# a comment\n\n  db02  # another\n";
  EXPECT_EQ(of("@" + (folder_ / "hosts").string()), "web01,db02");
  EXPECT_EQ(of("lab, @" + (folder_ / "hosts").string()), "lab,web01,db02");
  EXPECT_THAT(refused("@/nowhere"), HasSubstr("'/nowhere' of --limit cannot be read"));
  std::ofstream(folder_ / "empty") << "# nobody\n";
  EXPECT_THAT(refused("@" + (folder_ / "empty").string()), HasSubstr("names no host"));
}

TEST_F(ALimit, TakesTheHostsThatFailedInTheLastRunOfTheSamePlaybooks) {
  remember("site.yml", {{"old", {.failed = 1}}});
  remember("site.yml", {{"a", {.ok = 3}}, {"b", {.failed = 1}}, {"c", {.unreachable = 1}}});
  remember("other.yml", {{"d", {.failed = 1}}});
  EXPECT_EQ(of("@failed"), "b,c");
  EXPECT_EQ(of("a,@failed"), "a,b,c");
  EXPECT_EQ(of("@failed", {"other.yml"}), "d");
}

TEST_F(ALimit, SaysWhyNoHostFailed) {
  EXPECT_THAT(refused("@failed"), HasSubstr("no run of site.yml is in the history"));
  remember("site.yml", {{"a", {.ok = 3}}});
  EXPECT_THAT(refused("@failed"), HasSubstr("run 1 of site.yml, the last one, failed on none"));
}

}  // namespace
}  // namespace agent::cli
