#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <agent/host/atomic_file.hpp>
#include <agent/host/fd.hpp>
#include <agent/host/file_actions.hpp>
#include <agent/sdk/error.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

using test::content_of;
using test::is_root;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr uid_t alice = 12345, bob = 12346;

const FileActions& files() {
  static const FileActions actions([](const Strings& argv) {
    Output output;
    output.rc = content_of(argv.back()) == "good" ? 0 : 1;
    output.err = "syntax error in " + argv.front() + "\n";
    return output;
  });
  return actions;
}

struct stat info_of(const Path& path) {
  struct stat info {};
  ::lstat(path.c_str(), &info);
  return info;
}
unsigned mode_of(const Path& path) {
  return info_of(path).st_mode & 07777u;
}

template <class Action>
std::string failure_of(const Action& action) {
  try {
    files().perform(action);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

/// A small file system of its own, for what a disk can do to us.
class TinyDisk {
 public:
  explicit TinyDisk(const std::string& options) {
    mounted_ = ::mount("tmpfs", directory_.path().c_str(), "tmpfs", MS_NOSUID, options.c_str()) == 0;
  }
  ~TinyDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool make_read_only() const {
    return ::mount(nullptr, directory_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  const TemporaryDirectory& operator*() const { return directory_; }
  const TemporaryDirectory* operator->() const { return &directory_; }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

// ---- writing -----------------------------------------------------------------------------------------------------

TEST(WritingAFile, MakesItWithTheUmasksMode) {
  const TemporaryDirectory directory;
  files().perform(WriteFile{directory / "new", "text"});
  EXPECT_EQ(content_of(directory / "new"), "text");
  EXPECT_EQ(mode_of(directory / "new"), mode_of_new(false));
  EXPECT_THAT(directory.names(), ElementsAre("new"));
}

TEST(WritingAFile, KeepsAnyBytes) {
  const TemporaryDirectory directory;
  const std::string bytes("\0\xff\n\r\x80", 5);
  files().perform(WriteFile{directory / "b\xE9zier\n", bytes});
  EXPECT_EQ(content_of(directory / "b\xE9zier\n"), bytes);
}

TEST(WritingAFile, KeepsTheModeAndExtendedAttributesOfTheOldOne) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old", 0640);
  const bool labelled = ::setxattr(file.c_str(), "user.note", "mine", 4, 0) == 0;
  files().perform(WriteFile{file, "new"});
  EXPECT_EQ(content_of(file), "new");
  EXPECT_EQ(mode_of(file), 0640u);
  std::string note(16, '\0');
  const ssize_t size = ::getxattr(file.c_str(), "user.note", note.data(), note.size());
  if (labelled) {
    EXPECT_EQ(note.substr(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), "mine");
  }
}

TEST(WritingAFile, KeepsTheAccessListOfTheOldOneUnderTheNewMode) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old", 0644);
  // user::rw- user:12345:rw- group::r-- mask::rw- other::r--
  const unsigned char list[] = {2, 0,    0,    0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,  6,
                                0, 0x39, 0x30, 0,   0,   4,   0,  4, 0,   255, 255, 255, 255, 16, 0,
                                6, 0,    255,  255, 255, 255, 32, 0, 4,   0,   255, 255, 255, 255};
  if (::setxattr(file.c_str(), "system.posix_acl_access", list, sizeof list, 0) != 0) GTEST_SKIP() << "no access lists";
  files().perform(WriteFile{file, "new", {0600}});
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(::getxattr(file.c_str(), "system.posix_acl_access", nullptr, 0), static_cast<ssize_t>(sizeof list));
}

TEST(WritingAFile, KeepsTheOwnerOfTheOldOneAndSetsTheOneThatIsNamed) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  ASSERT_EQ(::chown(file.c_str(), alice, bob), 0);
  files().perform(WriteFile{file, "new"});
  EXPECT_EQ(info_of(file).st_uid, alice);
  EXPECT_EQ(info_of(file).st_gid, bob);
  files().perform(WriteFile{file, "newer", {04755, "root", "0"}});
  EXPECT_EQ(info_of(file).st_uid, 0u);
  EXPECT_EQ(mode_of(file), 04755u);
}

TEST(WritingAFile, IsRefusedByAnUnknownOwnerBeforeAnythingChanges) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  EXPECT_EQ(failure_of(WriteFile{file, "new", {{}, "no-such-user"}}),
            "there is no user 'no-such-user' on this machine");
  EXPECT_EQ(content_of(file), "old");
  EXPECT_THAT(directory.names(), ElementsAre("f"));
}

TEST(WritingAFile, LeavesAnOpenOldFileAsItWas) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  std::ifstream reader(file);
  files().perform(WriteFile{file, "something new"});
  std::string text;
  reader >> text;
  EXPECT_EQ(text, "old");
}

TEST(WritingAFile, LeavesASecondNameWithTheOldContent) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  std::filesystem::create_hard_link(file, directory / "g");
  files().perform(WriteFile{file, "new"});
  EXPECT_EQ(content_of(directory / "g"), "old");
  EXPECT_EQ(info_of(file).st_nlink, 1u);
}

TEST(WritingAFile, KeepsABackupOnRequest) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old", 0640);
  const Output output = files().perform(WriteFile{file, "new", {}, true});
  EXPECT_THAT(output.out, MatchesRegex(file.string() + "\\.[0-9]+\\.[0-9]{4}-[0-9]{2}-[0-9]{2}@[0-9:]{8}~"));
  EXPECT_EQ(content_of(output.out), "old");
  EXPECT_EQ(mode_of(output.out), 0640u);
  EXPECT_EQ(files().perform(WriteFile{directory / "new", "x", {}, true}).out, "");
}

TEST(WritingAFile, AsksTheValidatorBeforeTheFileIsInPlace) {
  const TemporaryDirectory directory;
  const Path file = directory.put("sudoers", "old");
  files().perform(WriteFile{file, "good", {}, false, {"visudo", "-cf", "%s"}});
  EXPECT_EQ(content_of(file), "good");
  EXPECT_EQ(failure_of(WriteFile{file, "bad", {}, true, {"visudo", "-cf", "%s"}}),
            "the new content of '" + file.string() +
                "' was refused by 'visudo -cf %s' (exit code 1): syntax error in visudo");
  EXPECT_EQ(content_of(file), "good");
  EXPECT_THAT(directory.names(), ElementsAre("sudoers"));
}

TEST(WritingAFile, SaysThatTheDirectoryIsMissing) {
  const TemporaryDirectory directory;
  EXPECT_EQ(failure_of(WriteFile{directory / "a/b", ""}), "there is no directory '" + (directory / "a").string() + "'");
}

TEST(WritingAFile, RefusesWhatIsNoFile) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "d");
  ASSERT_EQ(::mkfifo((directory / "p").c_str(), 0600), 0);
  EXPECT_THAT(failure_of(WriteFile{directory / "d", ""}), HasSubstr("it is a directory"));
  EXPECT_THAT(failure_of(WriteFile{directory / "p", ""}), HasSubstr("neither a file nor a link to one"));
}

TEST(WritingAFile, RemovesWhatAKilledRunLeft) {
  const TemporaryDirectory directory;
  directory.put(".f.agent-999999999-0123456789abcdef", "half");
  directory.put(".f.agent-" + std::to_string(::getpid()) + "-0123456789abcdef", "of a living process");
  files().perform(WriteFile{directory / "f", "whole"});
  EXPECT_THAT(directory.names(), ElementsAre(".f.agent-" + std::to_string(::getpid()) + "-0123456789abcdef", "f"));
}

TEST(WritingAFile, TriesAgainWhenSomebodyEditsItMeanwhileAndGivesUpAfterThree) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  int edits = 0, tries = 0;
  Replacement replacement;
  replacement.fill = [&](int fd) {
    ++tries;
    write_all(fd, "mine", 4, file);
    if (edits-- > 0) std::ofstream(file, std::ios::app) << "theirs";
  };
  edits = 1;
  replace_file(find_place(file, true), replacement);
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(content_of(file), "mine");
  edits = 100;
  EXPECT_THROW(replace_file(find_place(file, true), replacement), Error);
  EXPECT_EQ(tries, 5);
  EXPECT_THAT(directory.names(), ElementsAre("f"));
}

TEST(WritingAFile, IsNeverOpenToMorePeopleThanInTheEnd) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old", 0644);
  Replacement replacement;
  replacement.attributes.mode = 0600;
  unsigned seen = 0;
  replacement.fill = [&](int fd) {
    struct stat info {};
    ::fstat(fd, &info);
    seen = info.st_mode & 07777u;
  };
  replace_file(find_place(file, true), replacement);
  EXPECT_EQ(seen, 0600u);
  EXPECT_EQ(mode_of(file), 0600u);
}

// ---- links that lead astray --------------------------------------------------------------------------------------

TEST(WritingThroughALink, ReachesTheFileItMeans) {
  const TemporaryDirectory directory;
  const Path file = directory.put("real/f", "old", 0600);
  std::filesystem::create_symlink("real/f", directory / "link");
  files().perform(WriteFile{directory / "link", "new"});
  EXPECT_EQ(content_of(file), "new");
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
}

TEST(WritingThroughALink, IsRefusedWhereAnotherUserCouldPointItAnywhere) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path secret = directory.put("etc/shadow", "old");
  std::filesystem::create_directory(directory / "home");
  std::filesystem::create_symlink(secret, directory / "home/.bashrc");
  ASSERT_EQ(::chown((directory / "home").c_str(), alice, alice), 0);
  const std::string message = failure_of(WriteFile{directory / "home/.bashrc", "new"});
  EXPECT_THAT(message, StartsWith("will not follow the link '" + (directory / "home/.bashrc").string() + "' to '" +
                                  secret.string() + "': 12345 may write in the directory it is in"));
  EXPECT_EQ(content_of(secret), "old");
}

TEST(WritingThroughALink, IsAllowedIntoADirectoryOfTheSameUser) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path file = directory.put("dotfiles/bashrc", "old");
  std::filesystem::create_directory(directory / "home");
  std::filesystem::create_symlink("../dotfiles/bashrc", directory / "home/.bashrc");
  for (const char* path : {"home", "dotfiles", "dotfiles/bashrc"})
    ASSERT_EQ(::chown((directory / path).c_str(), alice, alice), 0);
  files().perform(WriteFile{directory / "home/.bashrc", "new"});
  EXPECT_EQ(content_of(file), "new");
  EXPECT_EQ(info_of(file).st_uid, alice);
}

TEST(WritingThroughALink, RefusesLinkedDirectoriesOnTheWayToo) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  directory.put("etc/f", "old");
  std::filesystem::create_directory(directory / "home");
  std::filesystem::create_directory_symlink("../etc", directory / "home/conf");
  ASSERT_EQ(::chown((directory / "home").c_str(), alice, alice), 0);
  EXPECT_THAT(failure_of(WriteFile{directory / "home/conf/f", "new"}), StartsWith("will not follow the link"));
  EXPECT_THAT(failure_of(RemovePath{directory / "home/conf/f"}), StartsWith("will not follow the link"));
  EXPECT_THAT(failure_of(SetAttributes{directory / "home/conf/f", {0777}}), StartsWith("will not follow the link"));
  EXPECT_THAT(failure_of(MakeDirectory{directory / "home/conf/new"}), StartsWith("will not follow the link"));
  EXPECT_EQ(content_of(directory / "etc/f"), "old");
}

TEST(WritingThroughALink, TrustsAnOwnLinkInAStickyDirectoryAndNoOther) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path file = directory.put("etc/f", "old");
  std::filesystem::create_directory(directory / "tmp");
  ::chmod((directory / "tmp").c_str(), 01777);
  std::filesystem::create_symlink(file, directory / "tmp/mine");
  std::filesystem::create_symlink(file, directory / "tmp/theirs");
  ASSERT_EQ(::lchown((directory / "tmp/theirs").c_str(), bob, bob), 0);
  EXPECT_EQ(failure_of(WriteFile{directory / "tmp/mine", "new"}), "");
  EXPECT_THAT(failure_of(WriteFile{directory / "tmp/theirs", "evil"}), StartsWith("will not follow the link"));
}

TEST(WritingThroughALink, NoticesACircle) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("b", directory / "a");
  std::filesystem::create_symlink("a", directory / "b");
  EXPECT_THAT(failure_of(WriteFile{directory / "a", ""}), HasSubstr("too many levels of symbolic links"));
}

TEST(ChangingAttributes, IsRefusedForABorrowedNameInAUsersDirectory) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path secret = directory.put("etc/shadow", "x", 0600);
  std::filesystem::create_directory(directory / "home");
  ASSERT_EQ(::chown((directory / "home").c_str(), alice, alice), 0);
  std::filesystem::create_hard_link(secret, directory / "home/mine");
  EXPECT_THAT(failure_of(SetAttributes{directory / "home/mine", {0666}}), HasSubstr("second name"));
  EXPECT_EQ(mode_of(secret), 0600u);
}

// ---- what a disk can do to us ------------------------------------------------------------------------------------

TEST(OnAFullDisk, AFileIsTheOldOneAndNothingIsLeft) {
  const TinyDisk disk("size=64k");
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const Path file = disk->put("f", "old");
  EXPECT_THAT(failure_of(WriteFile{file, std::string(200'000, 'x')}),
              "cannot write '" + file.string() + "': no space left on the device");
  EXPECT_EQ(content_of(file), "old");
  EXPECT_THAT(disk->names(), ElementsAre("f"));
}

TEST(OnAFullDisk, ABackupIsNotKeptOfAChangeThatFailed) {
  const TinyDisk disk("size=64k");
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const Path file = disk->put("f", std::string(30'000, 'o'));
  EXPECT_THAT(failure_of(WriteFile{file, std::string(30'000, 'n'), {}, true}), HasSubstr("no space left"));
  EXPECT_EQ(content_of(file), std::string(30'000, 'o'));
  EXPECT_THAT(disk->names(), ElementsAre("f"));
}

TEST(OnADiskWithoutInodes, TheMessageSaysSo) {
  const TinyDisk disk("size=1m,nr_inodes=2");
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  disk->put("f", "old");
  EXPECT_THAT(failure_of(WriteFile{*disk / "g", "x"}), HasSubstr("no inodes left"));
}

TEST(OnAReadOnlyDisk, NothingIsTried) {
  const TinyDisk disk("size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const Path file = disk->put("f", "old");
  ASSERT_TRUE(disk.make_read_only());
  const std::string message = "cannot change '" + file.string() + "': the file system is read-only";
  EXPECT_EQ(failure_of(WriteFile{file, "new"}), message);
  EXPECT_EQ(failure_of(RemovePath{file}), message);
  EXPECT_EQ(failure_of(SetAttributes{file, {0600}}), message);
}

TEST(AnImmutableFile, IsNamedBeforeAnythingIsWritten) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "old");
  const auto mark = [&](int flags) {
    const Fd fd(::open(file.c_str(), O_RDONLY));
    return ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0;
  };
  if (!mark(FS_IMMUTABLE_FL)) GTEST_SKIP() << "the flag cannot be set here";
  const std::string message = failure_of(WriteFile{file, "new"});
  mark(0);
  EXPECT_EQ(message, "cannot change '" + file.string() + "': '" + file.string() + "' is marked immutable");
  EXPECT_THAT(directory.names(), ElementsAre("f"));
}

TEST(AFileThatIsAMountPoint, IsRefusedAndNotWrittenInPlace) {
  const TemporaryDirectory directory;
  const Path file = directory.put("hosts", "old"), other = directory.put("other", "other");
  if (::mount(other.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0) GTEST_SKIP() << "no mounts here";
  const std::string message = failure_of(WriteFile{file, "new"});
  ::umount2(file.c_str(), MNT_DETACH);
  EXPECT_THAT(message, HasSubstr("mount point of its own"));
  EXPECT_EQ(content_of(other), "other");
  EXPECT_THAT(directory.names(), ElementsAre("hosts", "other"));
}

// ---- the other actions -------------------------------------------------------------------------------------------

TEST(MakingADirectory, MakesItsParentsWithTheSameAttributes) {
  const TemporaryDirectory directory;
  files().perform(MakeDirectory{directory / "a/b/c", {0750}});
  for (const char* path : {"a", "a/b", "a/b/c"}) EXPECT_EQ(mode_of(directory / path), 0750u);
  EXPECT_EQ(failure_of(MakeDirectory{directory / "a/b/c", {0700}}), "");
  EXPECT_EQ(mode_of(directory / "a"), 0750u) << "what is there already is left alone";
}

TEST(MakingADirectory, RefusesAFileOnTheWay) {
  const TemporaryDirectory directory;
  directory.put("f", "");
  EXPECT_THAT(failure_of(MakeDirectory{directory / "f/d"}), HasSubstr("is there and is not one"));
}

TEST(MakingALink, ReplacesALinkAndAFileButNoDirectory) {
  const TemporaryDirectory directory;
  directory.put("f", "x");
  std::filesystem::create_directory(directory / "d");
  files().perform(MakeLink{directory / "f", "elsewhere"});
  files().perform(MakeLink{directory / "f", "../there"});
  EXPECT_EQ(std::filesystem::read_symlink(directory / "f"), "../there");
  EXPECT_THAT(failure_of(MakeLink{directory / "d", "x"}), HasSubstr("a directory is there"));
  EXPECT_THAT(directory.names(), ElementsAre("d", "f"));
}

TEST(MakingALink, GivesASecondNameAndLeavesNothingWhenItIsThereAlready) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "x");
  for (int i = 0; i < 2; ++i) files().perform(MakeLink{directory / "g", file.string(), true});
  EXPECT_EQ(info_of(file).st_ino, info_of(directory / "g").st_ino);
  EXPECT_THAT(directory.names(), ElementsAre("f", "g"));
}

TEST(ChangingAttributes, SetsModeAndTimes) {
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "x");
  files().perform(SetAttributes{file, {0400}, 1000.5, 2000.25});
  EXPECT_EQ(mode_of(file), 0400u);
  EXPECT_EQ(info_of(file).st_atim.tv_sec, 1000);
  EXPECT_EQ(info_of(file).st_mtim.tv_nsec, 250'000'000);
}

TEST(ChangingAttributes, FollowsALinkUnlessTold) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  const Path file = directory.put("f", "x");
  std::filesystem::create_symlink("f", directory / "l");
  files().perform(SetAttributes{directory / "l", {{}, "12345"}, {}, {}, false});
  EXPECT_EQ(info_of(file).st_uid, 0u);
  EXPECT_EQ(info_of(directory / "l").st_uid, alice);
  files().perform(SetAttributes{directory / "l", {{}, "12346"}});
  EXPECT_EQ(info_of(file).st_uid, bob);
}

TEST(Copying, TakesContentAndModeOfAFile) {
  const TemporaryDirectory directory;
  directory.put("f", std::string(700'000, 'x'), 0750);
  directory.put("g", "old", 0600);
  const Output output = files().perform(CopyPath{directory / "f", directory / "g", {}, true});
  EXPECT_EQ(content_of(directory / "g").size(), 700'000u);
  EXPECT_EQ(mode_of(directory / "g"), 0750u);
  EXPECT_EQ(content_of(output.out), "old");
}

TEST(Copying, TakesADirectoryWithAllThatIsInIt) {
  const TemporaryDirectory directory;
  directory.put("from/a/b", "B", 0640);
  directory.put("to/kept", "k");
  std::filesystem::create_symlink("b", directory / "from/a/l");
  files().perform(CopyPath{directory / "from", directory / "to"});
  EXPECT_EQ(content_of(directory / "to/a/b"), "B");
  EXPECT_EQ(mode_of(directory / "to/a/b"), 0640u);
  EXPECT_EQ(std::filesystem::read_symlink(directory / "to/a/l"), "b");
  EXPECT_EQ(content_of(directory / "to/kept"), "k");
  EXPECT_THAT(failure_of(CopyPath{directory / "to", directory / "to/a/again"}), HasSubstr("into itself"));
}

TEST(Removing, TakesADirectoryWithAllThatIsInItAndFollowsNoLink) {
  const TemporaryDirectory directory;
  directory.put("kept/f", "x");
  directory.put("d/a/b/c", "x");
  std::filesystem::create_directory_symlink("../../kept", directory / "d/a/l");
  files().perform(RemovePath{directory / "d"});
  EXPECT_THAT(directory.names(), ElementsAre("kept"));
  EXPECT_EQ(content_of(directory / "kept/f"), "x");
  EXPECT_EQ(failure_of(RemovePath{directory / "d"}), "");
}

TEST(Removing, NeedsNoMoreDescriptorsForADeepTree) {
  const TemporaryDirectory directory;
  const Fd top(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY));
  Fd at(::fcntl(top.get(), F_DUPFD_CLOEXEC, 3));
  for (int depth = 0; depth < 3000; ++depth) {
    ASSERT_EQ(::mkdirat(at.get(), "d", 0700), 0);
    at = Fd(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY));
  }
  files().perform(RemovePath{directory / "d"});
  EXPECT_THAT(directory.names(), IsEmpty());
}

TEST(Removing, DoesNotEmptyAFileSystemMountedInside) {
  const TinyDisk disk("size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  disk->put("f", "x");
  EXPECT_THAT(failure_of(RemovePath{disk->path()}), HasSubstr("a file system is mounted there"));
  EXPECT_EQ(content_of(*disk / "f"), "x");
}

TEST(Removing, RefusesTheRoot) {
  EXPECT_EQ(failure_of(RemovePath{"/"}), "will not remove '/'");
}

}  // namespace
}  // namespace agent
