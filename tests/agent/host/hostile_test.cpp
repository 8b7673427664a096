// Somebody works against us, or ends us, at any moment.
#include <atomic>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/file_actions.hpp>
#include <agent/sdk/error.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

using test::content_of;
using test::TemporaryDirectory;
using ::testing::AnyOf;

constexpr uid_t alice = 12345;

FileActions files() {
  return FileActions([](const Strings&) { return Output{}; });
}

/// Memory instead of a disk, where it may be mounted: thousands of syncs would take minutes.
class Memory {
 public:
  Memory() { mounted_ = ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=16m,mode=755") == 0; }
  ~Memory() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const TemporaryDirectory* operator->() const { return &directory_; }
  Path operator/(const Path& name) const { return directory_ / name; }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

/// Does something again and again beside the test.
class Meanwhile {
 public:
  explicit Meanwhile(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          while (!stop_) work();
        }) {}
  ~Meanwhile() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

template <class Action>
void try_to(const Action& action) {
  try {
    files().perform(action);
  } catch (const Error&) {  // refused: that is fine
  }
}

TEST(AUserWhoSwapsTheirFileForALink, NeverMakesRootWriteElsewhere) {
  const Memory disk;
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const Path secret = disk->put("etc/shadow", "secret", 0600);
  disk->put("home/.bashrc", "mine");
  std::filesystem::create_symlink(secret, disk / "home/link");
  ASSERT_EQ(::chown((disk / "home").c_str(), alice, alice), 0);
  {
    const Meanwhile attack([&] {
      ::renameat2(AT_FDCWD, (disk / "home/.bashrc").c_str(), AT_FDCWD, (disk / "home/link").c_str(), RENAME_EXCHANGE);
    });
    for (int round = 0; round < 3000; ++round) {
      try_to(WriteFile{disk / "home/.bashrc", "managed", {0666, std::to_string(alice)}});
      try_to(SetAttributes{disk / "home/.bashrc", {0666, std::to_string(alice)}});
    }
  }
  EXPECT_EQ(content_of(secret), "secret");
  struct stat info {};
  ::stat(secret.c_str(), &info);
  EXPECT_EQ(info.st_uid, 0u);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
}

TEST(AUserWhoSwapsADirectoryForALink, NeverMakesRootRemoveElsewhere) {
  const Memory disk;
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  disk->put("etc/a/shadow", "secret");
  std::filesystem::create_directory(disk / "home");
  ASSERT_EQ(::chown((disk / "home").c_str(), alice, alice), 0);
  {
    const Meanwhile attack([&] {
      const Path tree = disk / "home/tree", sub = tree / "sub", link = disk / "home/link";
      std::error_code ignored;
      std::filesystem::create_directories(sub / "a", ignored);
      for (const auto& path : {tree, sub, sub / "a"}) ::lchown(path.c_str(), alice, alice);
      if (!std::filesystem::is_symlink(link, ignored)) {
        std::filesystem::remove_all(link, ignored);
        std::filesystem::create_directory_symlink(disk / "etc", link, ignored);
      }
      for (int times = 0; times < 2; ++times)
        ::renameat2(AT_FDCWD, sub.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
    });
    for (int round = 0; round < 2000; ++round) {
      try_to(RemovePath{disk / "home/tree"});
      try_to(RemovePath{disk / "home/tree/sub/a/shadow"});
      try_to(WriteFile{disk / "home/tree/sub/a/shadow", "written"});
    }
  }
  EXPECT_EQ(content_of(disk / "etc/a/shadow"), "secret");
}

TEST(AWriterThatIsKilled, LeavesTheOldFileOrTheNewOneAndTheNextOneTidiesUp) {
  const Memory disk;
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const std::string one(50'000, '1'), two(70'000, '2');
  const Path file = disk->put("f", one);
  for (int round = 0; round < 100; ++round) {
    const pid_t writer = ::fork();
    if (writer == 0) {
      for (;;) {
        files().perform(WriteFile{file, two});
        files().perform(WriteFile{file, one});
      }
    }
    ::usleep(static_cast<useconds_t>(200 + round * 37 % 1000));
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    ASSERT_THAT(content_of(file), AnyOf(one, two)) << "round " << round;
  }
  files().perform(WriteFile{file, one});
  EXPECT_EQ(disk->names(), Strings{"f"});
}

TEST(AReader, NeverSeesAHalfWrittenFile) {
  const Memory disk;
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const std::string one(50'000, '1'), two(70'000, '2');
  const Path file = disk->put("f", one);
  std::atomic<int> torn{0};
  {
    const Meanwhile reading([&] {
      const std::string seen = content_of(file);
      if (seen != one && seen != two) ++torn;
    });
    for (int round = 0; round < 300; ++round) files().perform(WriteFile{file, round % 2 == 0 ? two : one});
  }
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace agent
