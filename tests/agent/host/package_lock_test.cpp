#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/package_lock.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// A process that holds a write lock on a file until it is let go.
class Locker {
 public:
  explicit Locker(const Path& file) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const int fd = ::open(file.c_str(), O_RDWR | O_CREAT, 0640);
      struct flock lock {};
      lock.l_type = F_WRLCK;
      ::fcntl(fd, F_SETLK, &lock);
      (void)!::write(ready[1], "x", 1);
      while (true) ::pause();
    }
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Locker() { let_go(); }
  void let_go() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

class PackageLock : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/package-lock-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  Path directory_;
};

TEST_F(PackageLock, IsHeldByNobodyWhereThereIsNoFile) {
  EXPECT_FALSE(holder_of(directory_ / "lock"));
}

TEST_F(PackageLock, NamesTheProcessThatHoldsIt) {
  Locker locker(directory_ / "lock");
  const auto holder = holder_of(directory_ / "lock");
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, locker.pid());
  EXPECT_EQ(holder->text(), "'host_test' (process " + std::to_string(locker.pid()) + ")");
  locker.let_go();
  EXPECT_FALSE(holder_of(directory_ / "lock"));
}

TEST_F(PackageLock, SaysThatAHolderCannotBeSeen) {
  EXPECT_EQ((LockHolder{.pid = -1}).text(), "a process outside of this container");
}

TEST_F(PackageLock, IsWaitedForUntilItIsFree) {
  Locker locker(directory_ / "lock");
  Strings said;
  int pauses = 0;
  const LockWait wait([&] { return holder_of(directory_ / "lock"); },
                      [&](const std::string& text, double) { said.push_back(text); },
                      [&](milliseconds) {
                        if (++pauses == 3) locker.let_go();
                      });
  EXPECT_EQ(wait.wait(seconds(60)), milliseconds(750));
  EXPECT_THAT(said, ElementsAre(HasSubstr("waiting for 'host_test' (process ")));
}

TEST_F(PackageLock, IsSpokenOfEveryTenSeconds) {
  Strings said;
  const LockWait wait(
      [] {
        return LockHolder{42, "apt-get", "/l"};
      },
      [&](const std::string& text, double) { said.push_back(text); }, [](milliseconds) {});
  EXPECT_THROW(wait.wait(seconds(25)), Error);
  EXPECT_THAT(said, ElementsAre(HasSubstr(", 0 s of 25 s"), HasSubstr(", 10 s of 25 s"), HasSubstr(", 20 s of 25 s")));
}

TEST_F(PackageLock, IsAnErrorThatNamesTheHolderWhenTheTimeIsOver) {
  const LockWait wait(
      [] {
        return LockHolder{42, "unattended-upgr", "/var/lib/dpkg/lock-frontend"};
      },
      {}, [](milliseconds) {});
  try {
    wait.wait(seconds(1));
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "the package manager is locked by 'unattended-upgr' (process 42): waited 1 s for "
              "'/var/lib/dpkg/lock-frontend'");
    EXPECT_THAT(error.hints(), ElementsAre("wait until it has finished, or raise lock_timeout"));
  }
}

}  // namespace
}  // namespace agent
