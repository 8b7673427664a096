#include <filesystem>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/fleet/run_lock.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

class TheLockOfRuns : public testing::Test {
 protected:
  ~TheLockOfRuns() override { fs::remove(file_); }
  const Path file_ = fs::path(testing::TempDir()) / ("run-lock-" + std::to_string(::getpid()));
};

TEST_F(TheLockOfRuns, NamesItsHolderToTheSecond) {
  RunLock first(file_), second(file_);
  EXPECT_EQ(first.take("run A"), std::nullopt);
  EXPECT_EQ(second.take("run B"), "run A");
}

TEST_F(TheLockOfRuns, IsFreeWhenItsHolderWasKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    RunLock lock(file_);
    ::_exit(lock.take("run A") ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  RunLock lock(file_);
  EXPECT_EQ(lock.take("run B"), std::nullopt);
}

TEST_F(TheLockOfRuns, IsNoObstacleToARunThatItsHolderHasStarted) {
  RunLock lock(file_);
  ASSERT_EQ(lock.take(RunLock::holder("A")), std::nullopt);
  const pid_t child = ::fork();
  if (child == 0) {
    RunLock below(file_);
    ::_exit(below.take(RunLock::holder("B")) ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  // And stays the holder's, for all others.
  RunLock other(file_);
  EXPECT_EQ(other.take("run C"), RunLock::holder("A"));
}

TEST_F(TheLockOfRuns, IsWaitedForAsLongAsWasSaid) {
  RunLock first(file_), second(file_);
  ASSERT_EQ(first.take("run A"), std::nullopt);
  std::string waited_for;
  const auto waiting = [&](const std::string& who) { waited_for = who; };
  EXPECT_EQ(second.take_within(std::chrono::seconds(0), "run B", waiting, [] { return false; }), "run A");
  EXPECT_EQ(waited_for, "");
  int asked = 0;
  EXPECT_EQ(second.take_within(std::chrono::hours(1), "run B", waiting, [&] { return ++asked == 2; }), "run A");
  EXPECT_EQ(waited_for, "run A");
}

TEST_F(TheLockOfRuns, TakesAFolderThatWasMadeForItAlong) {
  const Path above = fs::path(testing::TempDir()) / ("run-lock-folder-" + std::to_string(::getpid()));
  const Path file = above / "agent/lock";
  {
    RunLock lock(file, RunLock::Folder::may_be_made);
    ASSERT_EQ(lock.take("run A"), std::nullopt);
    EXPECT_TRUE(fs::exists(file));
  }
  EXPECT_FALSE(fs::exists(above));
  fs::create_directories(above);
  {
    RunLock lock(file, RunLock::Folder::may_be_made);
    ASSERT_EQ(lock.take("run A"), std::nullopt);
    std::ofstream(above / "agent/tree") << "an agent that was sent meanwhile";
  }
  EXPECT_TRUE(fs::exists(above / "agent/tree"));
  fs::remove_all(above);
}

TEST_F(TheLockOfRuns, IsOneForAllAlsoWhereItsFolderGoesWithItsHolder) {
  const Path above = fs::path(testing::TempDir()) / ("run-lock-goes-" + std::to_string(::getpid()));
  std::optional<RunLock> first(std::in_place, above / "lock", RunLock::Folder::may_be_made);
  ASSERT_EQ(first->take("run A"), std::nullopt);
  RunLock second(above / "lock", RunLock::Folder::may_be_made);
  ASSERT_EQ(second.take("run B"), "run A");
  first.reset();
  // What it had open is not what the next one would find.
  EXPECT_EQ(second.take("run B"), std::nullopt);
  RunLock third(above / "lock");
  EXPECT_EQ(third.take("run C"), "run B");
  fs::remove_all(above);
}

TEST_F(TheLockOfRuns, FollowsNoLink) {
  fs::create_symlink("/etc/hostname", file_);
  EXPECT_THROW(RunLock{file_}, Error);
}

}  // namespace
}  // namespace agent::fleet
